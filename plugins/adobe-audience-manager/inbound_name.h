// Names of inbound files: ftp_dpm_DPID[_TARGET]_TIMESTAMP(.sync|.overwrite)[.SPLIT][.gz].
// Source: the vendor's pages "FTP/Amazon S3 name and file size requirements for inbound data
// files".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "rondom/result.hpp"

namespace rondom::audience_manager {

struct Naming {
  std::int64_t data_source = 0;  // DPID
  std::int64_t target = 0;       // DPID of the data owner; 0 = none
  bool packed = false;

  /// "ftp_dpm_21" or "ftp_dpm_21_33".
  std::string stem() const;
  /// `split`: from 1; 0 = the file is not split.
  std::string name(std::int64_t second, bool overwrite, std::size_t split) const;
};

/// The newest second that a file of this stem in `folder` has or had; 0 = none. Files get carried
/// away, so a hidden file remembers it for all jobs that write here.
Result<std::int64_t> last_second(const std::string& folder, const Naming& naming);
Status remember_second(const std::string& folder, const Naming& naming, std::int64_t second);

}  // namespace rondom::audience_manager
