// TapeRedactor: what goes on a cassette instead of secrets and e-mail addresses.
//
// Known secrets, values of members and form fields that are called like one (access_token,
// client_secret, …) and of sensitive headers become "hidden". E-mail addresses become
// person-1@example.com and so on, the same address the same each time; those of example.com, .net,
// .org and .example stay. Names, phone numbers, hashes and other texts stay: whoever passes a
// cassette on looks it through, or records against an account without people.
//
// Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/pseudonyms.h"
#include "net/redact.h"
#include "net/transport.h"

namespace rondom::net {

class TapeRedactor {
 public:
  /// `people` is borrowed.
  TapeRedactor(const std::vector<std::string>& secrets, Pseudonyms& people)
      : known_(secrets), people_(people) {}

  /// JSON (one or many), a form, or any other text.
  std::string body(std::string_view text);
  std::string url(std::string_view text);
  /// A sentence.
  std::string plain(std::string_view text);
  std::vector<Header> headers(const std::vector<Header>& headers);

  /// One more secret, such as a token that was obtained on the way.
  void learn(std::string_view secret) { known_.learn(secret); }

 private:
  std::string json(std::string_view text);
  std::string form(std::string_view text);

  Redactor known_;
  Pseudonyms& people_;
};

}  // namespace rondom::net
