// form_body: a form that somebody else holds, with one more field at its end.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "base/cleanse.h"
#include "net/exchange.h"

namespace rondom::net {

class FormBody final : public BodySource {
 public:
  /// `field` is encoded already; `form` is borrowed.
  FormBody(BodySource& form, std::string field) : form_(form), field_(std::move(field)) {}
  ~FormBody() override {
    cleanse(field_);
    cleanse(ending_);
  }

  Result<std::size_t> read(std::span<char> into) override {
    if (!form_ended_) {
      RONDOM_TRY_ASSIGN(const std::size_t count, form_.read(into));
      form_had_bytes_ = form_had_bytes_ || count > 0;
      if (count > 0 || into.empty()) return count;
      form_ended_ = true;
      ending_ = (form_had_bytes_ ? "&" : "") + field_;
    }
    const std::size_t count = std::min(into.size(), ending_.size() - at_);
    std::memcpy(into.data(), ending_.data() + at_, count);
    at_ += count;
    return count;
  }
  bool can_rewind() const override { return form_.can_rewind(); }
  void rewind() override {
    form_.rewind();
    form_ended_ = form_had_bytes_ = false;
    cleanse(ending_);
    at_ = 0;
  }
  std::int64_t size() const override {
    const std::int64_t form = form_.size();
    if (form < 0) return form;
    return form + static_cast<std::int64_t>(field_.size()) + (form > 0 ? 1 : 0);
  }

 private:
  BodySource& form_;
  std::string field_;
  std::string ending_;  // "&" and the field, once the form has ended
  std::size_t at_ = 0;
  bool form_ended_ = false;
  bool form_had_bytes_ = false;
};

}  // namespace rondom::net
