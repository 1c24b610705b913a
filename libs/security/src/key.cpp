#include <bongsu/core/bytes.hpp>
#include <bongsu/security/key.hpp>

#include <algorithm>

#include <openssl/crypto.h>

namespace bongsu::security {

Key::Key(std::span<const unsigned char, 32> bytes) { std::ranges::copy(bytes, bytes_.begin()); }

Key::~Key() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

Result<Key> parse_key(std::string_view base64) {
  auto bytes = from_base64(base64);
  if (!bytes || bytes->size() != 32) {
    if (bytes) wipe(*bytes);
    return fail(ErrorCode::kInvalidArgument, "not a key: 32 bytes in base64 are needed");
  }
  Key key{std::span<const unsigned char, 32>{reinterpret_cast<const unsigned char*>(bytes->data()), 32}};
  wipe(*bytes);
  return key;
}

void wipe(std::string& text) { OPENSSL_cleanse(text.data(), text.size()); }

}  // namespace bongsu::security
