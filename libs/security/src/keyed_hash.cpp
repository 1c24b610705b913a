#include "hmac.hpp"

#include <bongsu/security/keyed_hash.hpp>

namespace bongsu::security {

KeyedHash::KeyedHash(const Key& key) : hmac_(std::make_unique<Hmac>(key.reveal())) {}
KeyedHash::KeyedHash(KeyedHash&&) noexcept = default;
KeyedHash& KeyedHash::operator=(KeyedHash&&) noexcept = default;
KeyedHash::~KeyedHash() = default;

Result<KeyedHash> KeyedHash::load(const std::string& path) {
  auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  const auto end = text->find_last_not_of(" \t\r\n");
  const auto key = parse_key(std::string_view{*text}.substr(0, end == std::string::npos ? 0 : end + 1));
  wipe(*text);
  if (!key) return fail(ErrorCode::kInvalidArgument, path + ": " + key.error().message, path);
  return KeyedHash{*key};
}

Sha256 KeyedHash::of(std::string_view purpose, std::string_view text) const {
  return hmac_->of({purpose, std::string_view{"\0", 1}, text});
}

}  // namespace bongsu::security
