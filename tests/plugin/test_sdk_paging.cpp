// Pagers of the SDK: each way of naming the next page, and lists that never end.
#include <boost/test/unit_test.hpp>
#include <map>

#include "support/fake_host.h"

using namespace rondom;
using rondom::test::FakeHost;

namespace {

/// Answers by address; anything else is 404.
FakeHost::Answer site(std::map<std::string, HttpReply> pages) {
  return [pages = std::move(pages)](const HttpRequest& request) -> Result<HttpReply> {
    const auto found = pages.find(request.url);
    return found == pages.end() ? FakeHost::reply("{}", {}, 404) : found->second;
  };
}

/// Everything a pager brings: "1,2|3|" and, when it fails, what it says.
std::string all(Pager& pager, FakeHost& host) {
  const Context context(host.abi());
  std::string seen;
  while (true) {
    auto page = pager.next(context);
    if (!page.ok()) return seen + "! " + page.error().message;
    if (!*page) return seen;
    for (const Json* item : (*page)->items()) seen += item->to_text();
    seen += "|";
  }
}

std::string all(Pager pager, const std::map<std::string, HttpReply>& pages) {
  FakeHost host(site(pages));
  return all(pager, host);
}

HttpReply page(std::string body, std::string header = {}, std::string value = {}) {
  if (header.empty()) return FakeHost::reply(std::move(body));
  return FakeHost::reply(std::move(body), {{std::move(header), std::move(value)}});
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Pager by_cursor() {
  Pager pager = Pager::cursor(HttpRequest::get("/c?n=2"), "/next/after", Pager::in_query("after"));
  pager.items_at("/of");
  return pager;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sdk_paging)

BOOST_AUTO_TEST_CASE(a_cursor_in_the_body) {
  const std::map<std::string, HttpReply> pages = {
      {"/c?n=2", page(R"({"of":[1,2],"next":{"after":"a b"}})")},
      {"/c?n=2&after=a%20b", page(R"({"of":{"3":3,"4":4},"next":{"after":7}})")},
      {"/c?n=2&after=7", page(R"({"of":[5],"next":{"after":null}})")},
  };
  BOOST_TEST(all(by_cursor(), pages) == "12|34|5|");
  BOOST_TEST(all(std::move(by_cursor().resume("7")), pages) == "5|");
}

BOOST_AUTO_TEST_CASE(a_cursor_into_the_body_of_a_search) {
  FakeHost host([](const HttpRequest& request) -> Result<HttpReply> {
    return FakeHost::reply(has(request.body, R"("after":"2")") ? R"({"of":[2]})"
                                                               : R"({"of":[1],"after":"2"})");
  });
  Pager pager = Pager::cursor(HttpRequest::post("/search").json(R"({"limit":1})"), "/after",
                              Pager::in_body("after"));
  BOOST_TEST(all(pager.items_at("/of"), host) == "1|2|");
  BOOST_TEST(host.requests[0].body == R"({"limit":1})");
  BOOST_TEST(host.requests[1].body == R"({"limit":1,"after":"2"})");
}

BOOST_AUTO_TEST_CASE(links_in_the_body) {
  for (const char* link : {"/x/odata?p=2", "?p=2", "odata?p=2"}) {
    BOOST_TEST(
        all(std::move(
                Pager::next_link(HttpRequest::get("/x/odata"), "/@odata.nextLink").items_at("/v")),
            {{"/x/odata", page(R"({"v":[1],"@odata.nextLink":")" + std::string(link) + "\"}")},
             {"/x/odata?p=2", page(R"({"v":[2]})")}}) == "1|2|");
  }
}

BOOST_AUTO_TEST_CASE(a_link_leads_to_no_other_host) {
  const auto second = [](const std::string& first, const std::string& link) {
    return all(std::move(Pager::next_link(HttpRequest::get(first), "/n").items_at("/v")),
               {{first, page(R"({"v":[1],"n":")" + link + "\"}")},
                {link, page(R"({"v":[2],"n":"https://evil.example/3"})")},
                {"https://a.example" + link, page(R"({"v":[2]})")},
                {"https://evil.example/3", page(R"({"v":["stolen"]})")}});
  };
  BOOST_TEST(second("https://a.example/v", "/2") == "1|2|");
  BOOST_TEST(has(second("https://a.example/v", "https://A.example/2"), "1|! "));
  for (const char* link : {"https://evil.example/3", "http://a.example/2", "//evil.example/3",
                           "https://a.example@evil.example/3", "https://a.example:444/2"}) {
    BOOST_TEST(has(second("https://a.example/v", link), "! The address of the next page is at"));
  }
  BOOST_TEST(has(second("https://a.example/v", "/2 3"), "! The address of the next page is none"));
  // Of bare paths the host knows the base address; what the first link names is the only one.
  BOOST_TEST(second("/v", "https://b.example/2") ==
             "1|! The address of the next page is at another host.");
}

BOOST_AUTO_TEST_CASE(the_link_header_of_rfc_8288) {
  const auto linked = [](const std::string& header) {
    return all(std::move(Pager::link_header(HttpRequest::get("/v")).items_at("")),
               {{"/v", page("[1]", "link", header)}, {"/v?p=2", page("[2]")}});
  };
  BOOST_TEST(linked(R"(</v?p=2>; rel="next")") == "1|2|");
  BOOST_TEST(linked("</v?p=2>;rel=next") == "1|2|");
  BOOST_TEST(linked(R"(</v?p=0>; rel="prev", </v?p=2>; title="a, <b>; rel=x"; rel="last NEXT")") ==
             "1|2|");
  BOOST_TEST(linked(R"(</v?p=9>; rel="last"; rel="next")") == "1|");  // the first rel counts
  BOOST_TEST(linked(R"(</v?p=9>; rel="nextish", </v?p=9)") == "1|");
  BOOST_TEST(linked(R"(</v?p=9>; title="open)") == "1|");
  BOOST_TEST(linked("</v?p=2>; rel = \"next\" ; x") == "1|2|");
}

BOOST_AUTO_TEST_CASE(offset_and_limit) {
  const auto pager = [] {
    Pager made = Pager::offset(HttpRequest::get("/m"), "offset", "count", 3);
    made.items_at("/m");
    return made;
  };
  const std::map<std::string, HttpReply> pages = {
      {"/m?count=3&offset=0", page(R"({"m":[1,2,3],"total":5})")},
      {"/m?count=3&offset=3", page(R"({"m":[4],"total":5})")},  // the server gives less than asked
      {"/m?count=3&offset=4", page(R"({"m":[5],"total":5})")},
      {"/m?count=3&offset=5", page(R"({"m":[],"total":5})")}};
  BOOST_TEST(all(pager(), pages) == "123|4|5||");
  BOOST_TEST(all(std::move(pager().total_at("/total")), pages) == "123|4|5|");
  BOOST_TEST(all(std::move(pager().short_page_ends()), pages) == "123|4|");
  BOOST_TEST(all(std::move(pager().resume("4")), pages) == "5||");
  BOOST_TEST(
      has(all(std::move(pager().resume("4x")), {{"/m?count=3&offset=4x", page(R"({"m":[1]})")}}),
          "is no number"));
}

BOOST_AUTO_TEST_CASE(page_numbers) {
  BOOST_TEST(
      all(std::move(Pager::page_number(HttpRequest::get("/o"), "page", "per_page", 2).items_at("")),
          {{"/o?per_page=2&page=1", page("[1,2]")},
           {"/o?per_page=2&page=2", page("[3]")},
           {"/o?per_page=2&page=3", page("[]")}}) == "12|3||");
}

BOOST_AUTO_TEST_CASE(a_place_in_a_header_of_a_streamed_reply) {
  FakeHost host([](const HttpRequest& request) -> Result<HttpReply> {
    const bool first = request.url == "/results";
    return FakeHost::reply(first ? "a\n1\n" : "a\n2\n",
                           {{"Sforce-Locator", first ? "MTAw" : "null"}});
  });
  const Context context(host.abi());
  Pager pager =
      Pager::header(HttpRequest::get("/results"), "sforce-locator", Pager::in_query("locator"));
  std::string text;
  while (!pager.done()) {
    const auto reply = context.http_stream(pager.request(), [&](std::string_view piece) {
      text += piece;
      return Status();
    });
    BOOST_REQUIRE(reply.ok());
    BOOST_REQUIRE(pager.accept(*reply).ok());
  }
  BOOST_TEST(text == "a\n1\na\n2\n");
  BOOST_TEST(host.requests[1].url == "/results?locator=MTAw");
}

BOOST_AUTO_TEST_CASE(where_the_next_page_begins_is_known_after_each_page) {
  FakeHost host(site({{"/c?n=2", page(R"({"of":[1],"next":{"after":"2"}})")},
                      {"/c?n=2&after=2", page(R"({"of":[2]})")}}));
  const Context context(host.abi());
  Pager pager = by_cursor();
  BOOST_TEST(pager.position().empty());
  auto first = pager.next(context);
  BOOST_REQUIRE((first.ok() && *first));
  BOOST_TEST(pager.position() == "2");
  BOOST_TEST((*first)->position.empty());
  auto second = pager.next(context);
  BOOST_REQUIRE((second.ok() && *second));
  BOOST_TEST(pager.position().empty());
  BOOST_TEST(pager.done());
  BOOST_TEST((*second)->number == 2u);
  BOOST_TEST(!*pager.next(context));
  BOOST_TEST(host.requests.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_page_that_repeats_itself) {
  int asked = 0;
  FakeHost host(
      [&](const HttpRequest&) -> Result<HttpReply> {  // the cursor moves, the page does not
        return FakeHost::reply(R"({"of":[1],"next":{"after":")" + std::to_string(++asked) + "\"}}");
      });
  Pager pager = by_cursor();
  BOOST_TEST(has(all(pager, host), "1|! The server's page 2 repeats page 1"));
  // Offset that the server does not heed.
  FakeHost deaf([](const HttpRequest&) -> Result<HttpReply> { return FakeHost::reply("[1,2]"); });
  Pager offsets = Pager::offset(HttpRequest::get("/m"), "offset", "count", 2);
  BOOST_TEST(has(all(offsets.items_at(""), deaf), "12|! The server's page 2 repeats page 1"));
}

BOOST_AUTO_TEST_CASE(a_list_that_goes_round) {
  // A circle of `length` pages, each with another content, after a way of `lead` pages.
  for (const int lead : {0, 1, 5}) {
    for (const int length : {1, 2, 3, 10}) {
      int asked = 0;
      FakeHost host([&](const HttpRequest& request) -> Result<HttpReply> {
        const std::size_t equals = request.url.find("after=");
        const int at = equals == std::string::npos ? 0 : std::stoi(request.url.substr(equals + 6));
        const int next = at + 1 < lead + length ? at + 1 : lead;
        return FakeHost::reply(R"({"of":[)" + std::to_string(++asked) + R"(],"next":{"after":)" +
                               std::to_string(next) + "}}");
      });
      Pager pager = by_cursor();
      const std::string said = all(pager, host);
      BOOST_TEST((has(said, "the list goes round") || has(said, "names itself")), said);
      BOOST_TEST(asked <= 4 * (lead + length) + 4);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_list_that_never_ends) {
  int asked = 0;
  const auto endless = [&](const std::string& items) {
    return [&, items](const HttpRequest&) -> Result<HttpReply> {
      const std::string number = std::to_string(++asked);
      return FakeHost::reply(R"({"of":[)" + (items.empty() ? "" : number) +
                             R"(],"next":{"after":)" + number + "}}");
    };
  };
  FakeHost full(endless("some"));
  Pager pager = by_cursor();
  BOOST_TEST(has(all(pager.limit_pages(5), full), "did not end after 5 pages (pages_max)"));
  BOOST_TEST(asked == 5);
  asked = 0;
  FakeHost hollow(endless(""));
  Pager empty = by_cursor();
  BOOST_TEST(has(all(empty.limit_pages(50, 3), hollow), "3 empty pages in a row"));
  BOOST_TEST(asked == 3);
}

BOOST_AUTO_TEST_CASE(another_shape_is_no_end) {
  for (const char* body : {"{}", R"({"of":1})", "[]", "null", "no JSON"}) {
    BOOST_TEST(has(all(by_cursor(), {{"/c?n=2", page(body)}}), "! Page 1: "));
  }
  BOOST_TEST(all(by_cursor(), {{"/c?n=2", page(R"({"of":null})")}}) == "|");
  BOOST_TEST(has(all(by_cursor(), {}), "! The server answered with status 404."));
}

BOOST_AUTO_TEST_CASE(it_stops_between_two_pages) {
  FakeHost host(site({{"/c?n=2", page(R"({"of":[1],"next":{"after":"2"}})")}}));
  const Context context(host.abi());
  Pager pager = by_cursor();
  BOOST_REQUIRE(pager.next(context).ok());
  host.cancelled = true;
  BOOST_TEST((pager.next(context).error().code == Code::cancelled));
  BOOST_TEST(host.requests.size() == 1u);
}

BOOST_AUTO_TEST_CASE(json_pointers) {
  const Json json = *parse_json(R"({"a/b":{"~":[10,{"":1}]},"":2})");
  BOOST_TEST(json_at(json, "/a~1b/~0/1/")->as_integer() == 1);
  BOOST_TEST(json_at(json, "/a~1b/~0/0")->as_integer() == 10);
  BOOST_TEST(json_at(json, "/")->as_integer() == 2);
  BOOST_TEST(json_at(json, "") == &json);
  for (const char* absent : {"/a", "/a~1b/~0/2", "/a~1b/~0/x", "/a~1b/~0/0/0"})
    BOOST_TEST(json_at(json, absent) == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
