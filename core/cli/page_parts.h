// page_parts: the sections of a customer's page, each as HTML; empty when there is nothing to show.
// Private to page.cpp. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "cli/page.h"

namespace rondom::cli {

extern const char* const page_style;

std::string header_part(const Page& page);
std::string pictures_part(const Page& page);
std::string permissions_part(const Page& page);
std::string contacts_part(const Page& page);
std::string timeline_part(const Page& page);
std::string attributes_part(const Page& page);
std::string identity_part(const Page& page);
std::string values_part(const Page& page);
std::string destinations_part(const Page& page);

/// Bars, one a month, and dots, one a moment; empty without payments or moments.
std::string spend_picture(const Page& page);
std::string moments_picture(const Page& page);

/// The value of the profile's first cell of this attribute; empty without one.
std::string value_of_profile(const Page& page, AttributeId attribute);
/// "name.surname_prefix" as people say it: "surname prefix".
std::string spoken(std::string_view word);
/// `<section>` with a heading that the page's menu leads to; nothing when `inside` is empty.
std::string section(std::string_view id, std::string_view heading, std::string_view inside);
/// A word in a coloured frame; text.
std::string chip(std::string_view text, std::string_view kind);

}  // namespace rondom::cli
