#include "claims.hpp"
#include "token_cache.hpp"
#include "token_key.hpp"

#include <bongsu/security/token.hpp>

#include <cstdlib>
#include <filesystem>
#include <map>

#include <boost/json.hpp>

namespace bongsu::security {
namespace {

constexpr std::size_t kLargestToken = 8192;

using Jwt = std::unique_ptr<jwt_t, decltype(&jwt_free)>;
using CText = std::unique_ptr<char, decltype(&std::free)>;

bool is_token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.';
}

/// The claims as JSON, when the signature is this key's.
Result<std::string> verify_signature(const std::string& token, const TokenKey& key) {
  jwt_t* decoded = nullptr;
  const int failed = jwt_decode(&decoded, token.c_str(), key.data(), key.size());
  const Jwt jwt{decoded, &jwt_free};
  // Looked at again: what libjwt verified with must be what the key is for.
  if (failed != 0 || !jwt || jwt_get_alg(jwt.get()) != key.algorithm()) {
    return refuse("signature", "the signature is not the key's");
  }
  const CText claims{jwt_get_grants_json(jwt.get(), nullptr), &std::free};
  if (!claims) return refuse("claims", "there are no claims");
  return std::string{claims.get()};
}

}  // namespace

class TokenVerifier::Parts {
 public:
  explicit Parts(TokenSettings settings) : settings_(std::move(settings)), cache_(settings_.remembered) {}

  Result<void> load_keys() {
    std::error_code error;
    for (std::filesystem::directory_iterator file{settings_.keys_folder, error}, end; !error && file != end;
         file.increment(error)) {
      const auto& path = file->path();
      if (path.extension() != ".pub" && path.extension() != ".hs256") continue;
      auto key = TokenKey::to_verify(path.string());
      if (!key) return std::unexpected(key.error());
      if (!keys_.emplace(path.stem().string(), std::move(*key)).second) {
        return fail(ErrorCode::kInvalidArgument, path.string() + ": a second key of that id", path.string());
      }
    }
    if (error) {
      return fail(ErrorCode::kNotFound, "cannot read " + settings_.keys_folder + ": " + error.message(),
                  settings_.keys_folder);
    }
    if (keys_.empty()) {
      return fail(ErrorCode::kInvalidArgument, settings_.keys_folder + ": no KID.pub and no KID.hs256",
                  settings_.keys_folder);
    }
    return {};
  }

  Result<Caller> verify(std::string_view token, Timestamp now) {
    if (token.empty() || token.size() > kLargestToken) return refuse("malformed", "empty or over 8 KiB");
    if (!std::ranges::all_of(token, is_token_character)) return refuse("malformed", "not base64url");
    const auto digest = sha256(token);
    if (const auto* const known = cache_.find(digest, now)) return *known;
    auto verified = verify_anew(std::string{token}, now);
    if (!verified) return std::unexpected(verified.error());
    auto caller = verified->caller;
    cache_.remember(digest, std::move(*verified));
    return caller;
  }

 private:
  Result<Verified> verify_anew(const std::string& token, Timestamp now) const {
    const auto header = read_header(token);
    if (!header) return std::unexpected(header.error());
    const auto key = keys_.find(header->key_id);
    if (key == keys_.end()) return refuse("unknown_key", "its key is not known");
    if (header->algorithm != jwt_alg_str(key->second.algorithm())) {
      return refuse("algorithm", "its algorithm is not the key's");
    }
    const auto claims = verify_signature(token, key->second);
    if (!claims) return std::unexpected(claims.error());
    return judge_claims(*claims, settings_, now);
  }

  TokenSettings settings_;
  TokenCache cache_;
  std::map<std::string, TokenKey, std::less<>> keys_;
};

TokenVerifier::TokenVerifier(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
TokenVerifier::TokenVerifier(TokenVerifier&&) noexcept = default;
TokenVerifier& TokenVerifier::operator=(TokenVerifier&&) noexcept = default;
TokenVerifier::~TokenVerifier() = default;

Result<TokenVerifier> TokenVerifier::load(TokenSettings settings) {
  auto parts = std::make_unique<Parts>(std::move(settings));
  const auto loaded = parts->load_keys();
  if (!loaded) return std::unexpected(loaded.error());
  return TokenVerifier{std::move(parts)};
}

Result<Caller> TokenVerifier::verify(std::string_view token, Timestamp now) {
  return parts_->verify(token, now);
}

Result<std::string> create_token(const NewToken& token) {
  if (token.subject.empty() || token.lifetime <= std::chrono::seconds{0}) {
    return fail(ErrorCode::kInvalidArgument, "a token needs a subject and a lifetime");
  }
  const auto key = TokenKey::to_sign(token.key_file);
  if (!key) return std::unexpected(key.error());
  const auto issued = std::chrono::floor<std::chrono::seconds>(token.issued_at).time_since_epoch();
  jwt_t* made = nullptr;
  bool done = jwt_new(&made) == 0;
  const Jwt jwt{made, &jwt_free};
  const boost::json::object roles{{"roles", boost::json::array(token.roles.begin(), token.roles.end())}};
  done = done && jwt_add_header(made, "kid", std::filesystem::path{token.key_file}.stem().c_str()) == 0 &&
         jwt_add_grant(made, "iss", token.issuer.c_str()) == 0 &&
         jwt_add_grant(made, "aud", token.audience.c_str()) == 0 &&
         jwt_add_grant(made, "sub", token.subject.c_str()) == 0 &&
         jwt_add_grant_int(made, "iat", issued.count()) == 0 &&
         jwt_add_grant_int(made, "exp", (issued + token.lifetime).count()) == 0 &&
         jwt_add_grants_json(made, boost::json::serialize(roles).c_str()) == 0 &&
         jwt_set_alg(made, key->algorithm(), key->data(), key->size()) == 0;
  const CText text{done ? jwt_encode_str(made) : nullptr, &std::free};
  if (!text)
    return fail(ErrorCode::kInvalidArgument, "the token could not be made with this key, subject and roles");
  return std::string{text.get()};
}

}  // namespace bongsu::security
