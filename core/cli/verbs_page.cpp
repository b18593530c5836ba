// profile page
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "cli/cli.h"
#include "cli/failure.h"
#include "cli/page.h"
#include "cli/run_text.h"

namespace rondom::cli {

namespace {

/// The page is about one person: nobody else of this machine may read it, whatever stood there
/// before.
Status write_private_file(const std::filesystem::path& file, std::string_view content) {
  std::error_code failed;
  std::filesystem::remove(file, failed);
  RONDOM_TRY(write_new_file(file, {}));
  constexpr auto owner_only =
      std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;
  std::filesystem::permissions(file, owner_only, failed);
  if (failed) return {ErrorCode::unavailable, "cannot protect " + file.string()};
  return write_new_file(file, content);
}

}  // namespace

int profile_page(const Options& options) {
  const ProfileQuestion asked(options);
  if (asked.engine == nullptr) return asked.exit_code;
  const auto page = gather_page(*asked.engine, asked.id, asked.as_of);
  if (!page.ok()) return fail(page.error());
  const std::string html = page_html(*page);
  if (options.html.empty()) {
    std::fputs(html.c_str(), stdout);
    return 0;
  }
  std::error_code failed;
  const std::filesystem::path file = std::filesystem::absolute(options.html, failed);
  if (const Status written = write_private_file(file, html); !written.ok()) {
    return fail(written.error());
  }
  std::printf("%s\n", file.lexically_normal().c_str());
  return 0;
}

}  // namespace rondom::cli
