#pragma once
#include <bongsu/core/error.hpp>

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace bongsu::security {

/// 32 secret bytes, wiped from memory when they go.
class Key {
 public:
  explicit Key(std::span<const unsigned char, 32> bytes);
  Key(const Key& other) = default;
  Key& operator=(const Key& other) = default;
  ~Key();

  std::span<const unsigned char, 32> reveal() const { return bytes_; }

 private:
  std::array<unsigned char, 32> bytes_;
};

/// 32 bytes in base64. Errors: kInvalidArgument; never shows the text.
Result<Key> parse_key(std::string_view base64);

/// Overwrites what a string held.
void wipe(std::string& text);

}  // namespace bongsu::security
