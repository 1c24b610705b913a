#include "coupon_code.hpp"

#include <array>
#include <string_view>

namespace bongsu::coupon {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static_assert(kAlphabet.size() == 32, "five bits a character, without bias");
constexpr std::size_t kCharacters = 16;
constexpr std::size_t kGroup = 4;

}  // namespace

std::string make_code(Random& random) {
  std::array<unsigned char, kCharacters * 5 / 8> chance{};
  random.fill(chance);
  std::string code;
  unsigned bits = 0;
  unsigned held = 0;
  std::size_t written = 0;
  for (const unsigned byte : chance) {
    bits = bits << 8U | byte;
    for (held += 8; held >= 5; held -= 5) {
      if (written > 0 && written % kGroup == 0) code += '-';
      code += kAlphabet[bits >> (held - 5) & 31U];
      ++written;
    }
  }
  return code;
}

}  // namespace bongsu::coupon
