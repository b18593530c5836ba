#include "net/authenticator.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/text.h"

namespace rondom::net {
namespace {

// Renewed this long before the end, so that a request on its way does not arrive too late.
constexpr std::int64_t renew_early_ms = 60'000;

/// The one before is overwritten, and `by` afterwards empty.
void replace(std::string& secret, std::string& by) {
  cleanse(secret);
  secret = by;
  cleanse(by);
}

}  // namespace

Authenticator::Authenticator(const Credentials& credentials, const Clock& clock, TokenStore* store,
                             Fetch fetch)
    : credentials_(credentials), clock_(clock), store_(store), fetch_(std::move(fetch)) {}

Authenticator::~Authenticator() {
  cleanse(access_token_);
  cleanse(refresh_token_);
}

Result<Authenticator::Signature> Authenticator::sign(Url& url, Interrupt& interrupt) {
  Signature signature;
  const auto header = [&signature](std::string name, std::string value) {
    signature.headers.push_back({std::move(name), std::move(value)});
  };
  switch (credentials_.kind) {
    case Credentials::Kind::none:
    case Credentials::Kind::api_key_form: break;
    case Credentials::Kind::bearer: header("Authorization", "Bearer " + credentials_.secret); break;
    case Credentials::Kind::basic:
      header("Authorization", "Basic " + basic_text(credentials_));
      break;
    case Credentials::Kind::api_key:
      header(credentials_.header, credentials_.prefix + credentials_.secret);
      break;
    case Credentials::Kind::api_key_query:
      add_query(url, credentials_.query, credentials_.secret);
      break;
    default: {
      RONDOM_TRY_ASSIGN(std::string value, token(interrupt, signature));
      const CleansedAtEnd cleansed(value);
      header("Authorization", "Bearer " + value);
    }
  }
  return signature;
}

std::string Authenticator::form_field() const {
  if (credentials_.kind != Credentials::Kind::api_key_form) return {};
  return percent_encoded(credentials_.query) + "=" + percent_encoded(credentials_.secret);
}

bool Authenticator::refused(std::uint64_t generation) {
  if (!credentials_.uses_tokens()) return false;
  const std::lock_guard lock(mutex_);
  if (generation == generation_) cleanse(access_token_);
  return true;
}

bool Authenticator::owns_header(std::string_view name) const {
  const std::string lower = lower_ascii(name);
  if (credentials_.kind == Credentials::Kind::none) return false;
  return lower == "authorization" ||
         (!credentials_.header.empty() && lower == lower_ascii(credentials_.header));
}

Result<std::string> Authenticator::token(Interrupt& interrupt, Signature& signature) {
  const std::lock_guard lock(mutex_);
  if (access_token_.empty() || clock_.monotonic() >= good_until_us_) RONDOM_TRY(renew(interrupt));
  signature.generation = generation_;
  signature.instance = instance_;
  return access_token_;
}

Status Authenticator::renew(Interrupt& interrupt) {
  const bool by_refresh = credentials_.kind == Credentials::Kind::oauth2_refresh;
  std::unique_ptr<TokenStore::Hold> held;
  if (by_refresh) {
    if (refresh_token_.empty()) refresh_token_ = credentials_.refresh_token;
    if (store_ != nullptr) {
      // Looked at each time: another process may have used ours up.
      RONDOM_TRY_ASSIGN(held, store_->hold(interrupt));
      RONDOM_TRY_ASSIGN(std::optional<std::string> kept, store_->load());
      if (kept) replace(refresh_token_, *kept);
    }
  }
  RONDOM_TRY_ASSIGN(std::string form, token_form(credentials_, refresh_token_, clock_.now()));
  const CleansedAtEnd cleansed(form);
  RONDOM_TRY_ASSIGN(Token token, fetch_(form, token_request_repeatable(credentials_), interrupt));
  if (by_refresh && !token.refresh_token.empty() && token.refresh_token != refresh_token_) {
    // Kept before anything is done with it: the old one is used up.
    replace(refresh_token_, token.refresh_token);
    if (store_ == nullptr) {
      return {ErrorCode::auth,
              "The token address gave a new refresh token, and there is no place to keep it."};
    }
    RONDOM_TRY(store_->save(refresh_token_));
  }
  replace(access_token_, token.access_token);
  instance_ = std::move(token.instance);
  ++generation_;
  const std::int64_t early = std::min(renew_early_ms, token.expires_in_ms / 2);
  good_until_us_ = token.expires_in_ms == 0
                       ? std::numeric_limits<std::int64_t>::max()
                       : clock_.monotonic() + (token.expires_in_ms - early) * 1'000;
  return {};
}

}  // namespace rondom::net
