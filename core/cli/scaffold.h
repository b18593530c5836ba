// scaffold: a folder made from the SDK's template (sdk/template), with names filled in.
//
// A template file ends in ".in", which its copy does not. "@NAME@" and the like are replaced in the
// content, the word NAME in a file's own name. Touches files only. Called from the main thread
// alone.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace rondom::cli {

/// What the words of a template stand for.
struct ScaffoldNames {
  std::string name;   // NAME: acme-crm
  std::string title;  // TITLE: Acme crm
  std::string type;   // TYPE: AcmeCrm
  std::string space;  // SPACE: acme_crm
  std::string upper;  // UPPER: ACME_CRM
};

/// The names of a connector, or ErrorCode::usage when it cannot be called that.
Result<ScaffoldNames> scaffold_names(const std::string& name);

/// Copies the template folders, one over the other, into a new `target`, which appears whole or not
/// at all. Gives the files in it, relative, in order. ErrorCode::usage when `target` is there.
Result<std::vector<std::string>> make_scaffold(
    const std::vector<std::filesystem::path>& template_folders, const ScaffoldNames& names,
    const std::filesystem::path& target);

}  // namespace rondom::cli
