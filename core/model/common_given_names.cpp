// Common given names, most of Europe and America, whether they have short forms or not. Own list;
// it need not be complete: a name that is missing here counts as one that may be a slip.
#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/nicknames.h"

namespace rondom {
namespace {

constexpr std::string_view names =
    "aaron abby abel abigail adam adele adrian agata agathe agnes agnieszka ahmet aida aiden "
    "ainhoa aino alan alba albin alejandra alejandro aleksandra alessandra alessandro alessia "
    "alfie alfonso alfred alfredo alicia alina alison allison alma alva alvaro amanda amber "
    "ambre amelia amelie amina amira amit amy ana anas anders andreea andrew angelina anika "
    "anil anita annabel annabelle anne annelies annika anthony antje antoine anton april "
    "archie ari aria ariana ariel arjen arlene arne arthur arturo asha ashley astrid aurelie "
    "aurora austin ava axel ayoub baptiste barbara barry beata beatrice beau belinda ben "
    "bente berta beth betsy betty beverly bianca bilal bjorn blake blanca bo boaz bogdan "
    "bonnie boris bradley bram brandon brenda brent brett brian brianna brigitte britt britta "
    "brody brooklyn bruce bruno bryan burak busra camila camille candace carina carla carlo "
    "carlos carly carmen carter cedric chad chantal charles charlie chase chiara chloe "
    "christopher ciara clara claude claudia claudio clemence clement clive cody colette colin "
    "colleen colton connor corinne craig cristina curtis cyril dagmar daisy dale damian "
    "damien daniel daniela daniele daria darius dariusz darla darlene darryl dave david "
    "davide dawn dean debbie deborah deepak denise dennis derek desiree destiny dex diana "
    "diane diego dieter dirk dominik dominika dominique donald donna dora doris dorothea "
    "dustin dylan easton ebba edgar edith edoardo eduardo edwin egon eileen elaine elena "
    "eleonora eli elias elif elin elisa elizabeth ella ellen elodie elsa elvira emil emilia "
    "emily emma emmanuel emre enrico enzo erin ernesto esra esteban esther ethan eva evan eve "
    "evelyn evi evy ewelina fabian fabio fabrice fanny farid fatih fay federica federico "
    "feline felipe felix femke fenna fenne fernanda fien filip filippo finn fiona fleur floor "
    "floris fran franciszek franco frank frauke freddie freja freya frieda fynn gabriel "
    "gabriele gaspard gaston geert gemma george georgia gerda gerrit giacomo gijs ginevra "
    "giorgia gitte giulia giulio glen gloria gonzalo grace graham grazyna greta guido "
    "guillaume gunnar gunther gustav guy hailey hajar hakan hamza hanna hanne hannes harald "
    "harm harold harper harry harvey hasan hauke heather hector heike heiko heinz helena "
    "helene helga helmut hendrika henrike henry hilary holger holly hugh hugo hui hunter "
    "huseyin ian ibrahim ida ignacio igor ikram ilaria ilias ilse imke imran ines inez inga "
    "inge ingeborg ingrid irina iris isa isaac isabel isaura isla ivan ivana ivo ivonne ivy "
    "iwona jack jackson jade jake jakob jakub jamal james jamie jana jane janet janine jared "
    "jarek jarne jasmin jasmine jason jay jayden jeff jelle jenna jennifer jens jeppe jeroen "
    "jesper jesse jessica jill jim jo joel johanna john jolien jonas jordan jorge joseph "
    "joshua juan judith jules julia julian juliana julie juliette julio jun june jurre justin "
    "kai kaitlyn karen karim karina karsten kasper keith kelly ken kent kerstin kevin khadija "
    "kinga kirk kirsten klaas klaus kurt kyle laetitia landon lara larry lars lasse laura "
    "lauren laurent layla lea leah lee leila lena leni lennart leo leon leonardo leonie "
    "leopold leroy levi lewis liam lidia lieke lies liesel lillian lily lina linda ling "
    "linnea linus lisa liv livia liz lloyd loes logan lola lone lore lorena lorenzo lotta "
    "lotte lou louis louise lowie luca lucas lucia luciana lucy ludvig luis luisa luise luka "
    "lukas lukasz luke luna luuk lydia lynn mabel madeleine madison mads mael maja makayla "
    "malin manfred manon manuel manuela mara marc marcin marco maren margaret margaux margot "
    "maria marian mariana marie marijke marina mario marion marisa marit marita marjan mark "
    "marlene marlies marloes marsha marta marthe martin martina mary mason mateo mateusz "
    "mathieu mathilda mats matteo matthew mattia maud maura maurice mauro max maxime "
    "maximilian maya mees megan mehdi mehmet mei melissa mercedes merel merve mette mia micha "
    "michael michaela michal michelle miguel mikael mikkel mikolaj mila milan mildred millie "
    "milo mina ming miranda mireille miriam moira monica monika monique morgan moritz morris "
    "murat muriel mustafa nadia nadine naima nancy naomi natalia natalie natasha nathalie "
    "nathan neha neil nele nelson nerea nevaeh nico nicola nicolas nicole nicolo niels nils "
    "nina noa noah noe noel noor nora norbert norman noud nova oceane olga oliver olivia "
    "olivier oliwia orlando oskar otto owen pablo paisley pamela paola paolo parker pascal "
    "patrice patricia paul paula paulina pauline pavel pawel penelope penny per perry petra "
    "philippa pierre pilar pim piotr pooja poppy priya rachel radek rahul rainer ralf ramon "
    "randy raphael raquel rasmus raul ravi rebecca regina renata rene renee rhys riccardo "
    "richard rick ricky rik rob robert robin rocio roel roger roland rolf romain roman romana "
    "romy ronja roos rosa rosalie rosanna rose rosemary ross roxana roy ruben rudi rupert "
    "ryan saar sabine sabrina saga salma salvatore sam samira samuel sandra sandrine sanjay "
    "sanne santiago sara sarah saskia savannah scarlett scott sean sebastian selim selma sem "
    "seppe serena sergei sergio seth shane shannon sharon shaun sheila shirley siem siemen "
    "sien signe sigrid silke silvia simon simona simone sina skylar sofia sofie solene "
    "solveig sonia sophia sophie soren soufiane stacey stef stefania stefano stella stephanie "
    "steven stijn stuart sune sunil sunita susan svein sven svenja swantje sylvie szymon "
    "tamara tania tanja tanya tara tatiana taylor ted tess tessa teun thea theo thibault "
    "thierry thijs thomas thora ties tijn till tim timo tobias todd tomas tomasz tommaso "
    "tracey trevor tristan troy tuva twan ulla ulrich ulrike ursula uwe valentin valentina "
    "valeria valerie vanessa vera veronica veronika vicky victor viggo vijay viktor vince "
    "viola violeta virginia vittoria vivian viviane wanda ward wayne wei wendy werner wesley "
    "wiebke wiktoria william wilma wojciech wolfgang wout wyatt xenia yann yara yasmin "
    "yasmina yassin youssef yvette yvonne zara zeynep zoe zofia zuzanna";

std::vector<std::string_view> split() {
  std::vector<std::string_view> out;
  for (std::string_view rest = names; !rest.empty();) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    out.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

}  // namespace

bool is_common_given_name(std::string_view folded) {
  static const std::vector<std::string_view> sorted = split();
  return std::binary_search(sorted.begin(), sorted.end(), folded);
}

}  // namespace rondom
