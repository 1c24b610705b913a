#include <bongsu/core/assert.hpp>
#include <bongsu/core/random.hpp>

#include <array>
#include <cstring>

#include <openssl/crypto.h>
#include <openssl/rand.h>

namespace bongsu {

std::uint64_t Random::below(std::uint64_t bound) {
  require(bound > 0, "below() needs a positive bound");
  // Values past the last whole multiple of bound are drawn again: no remainder is likelier than another.
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  std::uint64_t value = 0;
  do {
    std::array<unsigned char, sizeof(value)> bytes{};
    fill(bytes);
    std::memcpy(&value, bytes.data(), sizeof(value));
  } while (value >= limit);
  return value % bound;
}

SystemRandom::~SystemRandom() { OPENSSL_cleanse(drawn_.data(), drawn_.size()); }

void SystemRandom::fill(std::span<unsigned char> bytes) {
  while (!bytes.empty()) {
    if (used_ == drawn_.size()) {
      require(RAND_bytes(drawn_.data(), static_cast<int>(drawn_.size())) == 1, "the system has no entropy");
      used_ = 0;
    }
    const auto taken = std::min(bytes.size(), drawn_.size() - used_);
    std::memcpy(bytes.data(), drawn_.data() + used_, taken);
    OPENSSL_cleanse(drawn_.data() + used_, taken);
    used_ += taken;
    bytes = bytes.subspan(taken);
  }
}

void SeededRandom::fill(std::span<unsigned char> bytes) {
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    const std::uint64_t word = next();
    std::memcpy(bytes.data() + i, &word, std::min<std::size_t>(8, bytes.size() - i));
  }
}

std::uint64_t SeededRandom::next() {  // SplitMix64, Steele, Lea and Flood 2014
  std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

}  // namespace bongsu
