#include <bongsu/core/bytes.hpp>
#include <bongsu/core/uuid.hpp>

#include <cstring>

namespace bongsu {
namespace {

using Bytes = std::array<unsigned char, 16>;

void stamp(Bytes& bytes, Timestamp time, unsigned char version) {
  const auto millis = static_cast<std::uint64_t>(time.time_since_epoch().count());
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>(millis >> (8 * (5 - i)));
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | (version << 4));
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Uuid Uuid::v7(Timestamp time, Random& random) {
  Bytes bytes{};
  random.fill(std::span{bytes}.subspan(6));
  stamp(bytes, time, 7);
  return Uuid{bytes};
}

Uuid Uuid::v8(Timestamp time, std::string_view name) {
  const auto digest = sha256(name);
  Bytes bytes{};
  std::memcpy(bytes.data() + 6, digest.data(), 10);
  stamp(bytes, time, 8);
  return Uuid{bytes};
}

Result<Uuid> Uuid::parse(std::string_view text) {
  Bytes bytes{};
  bool well_formed = text.size() == 36;
  std::size_t at = 0;
  for (std::size_t i = 0; well_formed && i < text.size(); ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      well_formed = text[i] == '-';
      continue;
    }
    const int high = digit_of(text[i]);
    const int low = digit_of(text[++i]);
    well_formed = high >= 0 && low >= 0;
    if (well_formed) bytes[at++] = static_cast<unsigned char>(high << 4 | low);
  }
  if (!well_formed) return fail(ErrorCode::kInvalidArgument, "not a UUID");
  return Uuid{bytes};
}

// In one go: an accepted message writes half a dozen of them.
std::string Uuid::str() const {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text(36, '-');
  std::size_t at = 0;
  for (std::size_t i = 0; i < bytes_.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) ++at;
    text[at++] = kDigits[bytes_[i] >> 4];
    text[at++] = kDigits[bytes_[i] & 15];
  }
  return text;
}

Timestamp Uuid::time() const {
  std::uint64_t millis = 0;
  for (int i = 0; i < 6; ++i) millis = millis << 8 | bytes_[i];
  return Timestamp{std::chrono::milliseconds{millis}};
}

}  // namespace bongsu

std::size_t std::hash<bongsu::Uuid>::operator()(const bongsu::Uuid& id) const noexcept {
  std::size_t tail = 0;  // the last eight bytes are chance or digest: as good as a hash
  std::memcpy(&tail, id.bytes().data() + 8, sizeof(tail));
  return tail;
}
