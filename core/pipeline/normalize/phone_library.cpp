// The one file that includes libphonenumber.
#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "pipeline/normalize/phone.h"

namespace rondom::normalize {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

constexpr std::size_t phone_bytes_max = 250;  // libphonenumber's own limit

}  // namespace

PhoneReading read_with_library(std::string_view text, std::string_view country) {
  PhoneReading reading;
  reading.problem = "is no phone number";
  if (text.size() > phone_bytes_max) return reading;
  const PhoneNumberUtil& library = *PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  const std::string region(country.empty() ? std::string_view("ZZ") : country);
  const auto outcome = library.ParseAndKeepRawInput(std::string(text), region, &number);
  if (outcome == PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR && country.empty()) {
    reading.problem = "has no country code and no country is known";
  }
  if (outcome != PhoneNumberUtil::NO_PARSING_ERROR || !library.IsValidNumber(number)) {
    return reading;
  }
  number.clear_extension();
  std::string e164;
  library.Format(number, PhoneNumberUtil::E164, &e164);
  if (e164.size() > reading.e164.bytes.size()) return reading;
  std::memcpy(reading.e164.bytes.data(), e164.data(), e164.size());
  reading.e164.size = e164.size();
  reading.international = number.country_code_source() != PhoneNumber::FROM_DEFAULT_COUNTRY;
  reading.problem = nullptr;
  return reading;
}

}  // namespace rondom::normalize
