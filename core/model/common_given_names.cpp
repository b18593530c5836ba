// Common given names of Europe and America that need not have a short form. Own list; it need not be complete: a name
// that is missing here counts as one that may be a slip.
#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/nicknames.h"

namespace rondom {
namespace {

constexpr std::string_view names =
    "aaron abby abel abigail adam adele agata agnes agnieszka aida aiden aino alan albin "
    "alejandra alejandro alessandra alessandro alessia alfonso alfredo alicia alina alison "
    "allison alvaro amanda amber amelie amina amira amy ana anders andreea angelina anika "
    "anita annabel annabelle annelies annika antje april ari ariana ariel arjen arlene arthur "
    "arturo asha ashley astrid aurelie aurora austin axel barry beata beau belinda berta beth "
    "betsy beverly bianca bjorn blake blanca bogdan bonnie boris bradley bram brandon brenda "
    "brett brian brigitte britt britta bruce bruno bryan camila camille candace carina carlo "
    "carlos carly carmen cedric chad chantal chloe ciara claude claudia claudio clemence "
    "clive cody colette colin colleen connor corinne craig cristina curtis cyril dagmar daisy "
    "dale damian damien daniele daria darius darla darlene darryl dave dawn dean debbie "
    "deborah denise dennis derek desiree diana diane diego dieter dirk dominik dominique "
    "donna dora doris dorothea dustin dylan edgar edith eduardo edwin egon eileen elaine "
    "elena eleonora eli elias elif elin ella ellen elsa elvira emilia emily emma emmanuel "
    "enrico enzo erin ernesto esra esteban esther ethan eva evan eve evelyn evi fabian fabio "
    "fabrice fanny farid fatih fay federica federico felipe felix femke fernanda filip fiona "
    "fleur franco frank frauke freya gabriel gabriele gaston geert gemma george georgia gerda "
    "gerrit giulia giulio glen gloria gonzalo grace graham greta guido guillaume gunnar "
    "gunther guy hakan harald harm harold harper harvey heather hector heike heiko heinz "
    "helena helene helga helmut hendrika henrike hilary holger holly hugh hugo ian ida "
    "ignacio igor ilse imke imran ines inez inga inge ingeborg ingrid irina iris isaac isabel "
    "isaura ivana ivo ivonne jackson jade jake jamal james jamie jana jane janet janine jared "
    "jarek jasmin jasmine jason jay jeff jelle jenna jens jeroen jesper jesse jill jim jo "
    "joel jordan jorge joshua juan judith jules julia julian juliana julie julio june justin "
    "kai karen karim karina karsten keith kelly ken kent kerstin kevin kirk klaas klaus kurt "
    "kyle lara larry lars laura lauren laurent lea leah lee leila lena lennart leopold leroy "
    "lewis liam lidia liesel lillian linda linnea lisa livia liz lloyd loes logan lola lorena "
    "lorenzo louis louise luca lucas lucia luciana lucy luis luisa luise luka lukas luke luna "
    "lydia lynn mabel madeleine madison maja malin manfred manuel manuela mara marco maren "
    "margot maria marian mariana marie marijke marina mario marion marisa marit marita marjan "
    "mark marlies marloes marsha marta martin martina mary mason mathieu matteo maura maurice "
    "mauro max maya megan mehdi melissa mercedes merel mia micha michaela michelle miguel "
    "mikael mila milan mildred millie milo mina miranda mireille miriam moira monica monika "
    "monique morgan morris murat muriel nadia nadine naomi natalie natasha nathalie neil "
    "nelson nico nicola nicolas nicole niels nils nina noa noah noel noor nora norbert norman "
    "olga oliver olivia olivier orlando oskar otto owen pablo pamela paola paolo pascal "
    "patrice paul paula paulina pauline pavel penelope penny per perry petra philippa pierre "
    "pilar rachel radek rainer ralf ramon randy raquel raul rebecca regina renata rene renee "
    "rhys riccardo rick ricky rob robin rocio roger roland rolf romain roman romana romy "
    "ronja rosa rosalie rosanna rose rosemary ross roxana roy rudi rupert ryan sabine sabrina "
    "saga salma salvatore sam samira samuel sandra sandrine sanne santiago sara sarah saskia "
    "scott sean sebastian selim selma serena sergei sergio seth shane shannon sharon shaun "
    "sheila shirley siemen sigrid silke simon simona simone sofia sofie solene sonia sophia "
    "sophie soren stacey stefania stefano stella stephanie steven stijn stuart sune svein "
    "sven sylvie tamara tania tanja tanya tara tatiana taylor ted tessa thea thibault thierry "
    "thijs thora tim timo tobias todd tomas tomasz tommaso tracey trevor tristan troy ulla "
    "ulrich ulrike ursula uwe valentin valentina valerie vanessa vera veronica veronika vicky "
    "victor viktor viola violeta virginia vivian viviane wanda wayne wendy werner wesley "
    "wiebke wilma wolfgang xenia yann yara yasmin yasmina yvette yvonne zara zoe zofia";

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
