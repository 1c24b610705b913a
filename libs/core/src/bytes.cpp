#include <bongsu/core/assert.hpp>
#include <bongsu/core/bytes.hpp>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>

#include <openssl/evp.h>

namespace bongsu {
namespace {

const unsigned char* raw(std::string_view data) {
  return reinterpret_cast<const unsigned char*>(data.data());
}

/// Length of the well-formed sequence at the front (RFC 3629, table 3-7 of Unicode); 0 if there is none.
std::size_t sequence_length(std::string_view text) {
  const auto at = [&](std::size_t i) -> unsigned { return i < text.size() ? raw(text)[i] : 0U; };
  const auto in = [&](std::size_t i, unsigned low, unsigned high) { return at(i) >= low && at(i) <= high; };
  const unsigned lead = at(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return in(1, 0x80, 0xBF) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : 0xBF;
    return in(1, low, high) && in(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
    return in(1, low, high) && in(2, 0x80, 0xBF) && in(3, 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

bool starts_with_eight_of_ascii(std::string_view text) {
  std::uint64_t eight = 0;
  if (text.size() < sizeof(eight)) return false;
  std::memcpy(&eight, text.data(), sizeof(eight));
  return (eight & 0x8080808080808080U) == 0;
}

}  // namespace

/// SHA256() looks the algorithm up and makes a context at every call, which costs more than a short digest.
Sha256 sha256(std::string_view data) {
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                                     &EVP_MD_CTX_free};
  Sha256 digest;
  require(EVP_DigestInit_ex2(context.get(), algorithm, nullptr) == 1 &&
              EVP_DigestUpdate(context.get(), data.data(), data.size()) == 1 &&
              EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1,
          "SHA-256 computes");
  return digest;
}

std::string to_hex(std::string_view data) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text(data.size() * 2, '\0');
  for (std::size_t i = 0; i < data.size(); ++i) {
    text[2 * i] = kDigits[static_cast<unsigned char>(data[i]) >> 4];
    text[2 * i + 1] = kDigits[static_cast<unsigned char>(data[i]) & 15];
  }
  return text;
}

std::string to_base64(std::string_view data) {
  std::string text(4 * ((data.size() + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), raw(data), static_cast<int>(data.size()));
  return text;
}

Result<std::string> from_base64(std::string_view text) {
  std::string data(text.size() / 4 * 3, '\0');
  const int length = text.size() % 4 != 0 ? -1
                                          : EVP_DecodeBlock(reinterpret_cast<unsigned char*>(data.data()),
                                                            raw(text), static_cast<int>(text.size()));
  if (length < 0) return fail(ErrorCode::kInvalidArgument, "not base64");
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  data.resize(static_cast<std::size_t>(length) - padding);
  return data;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    if (starts_with_eight_of_ascii(text)) {
      text.remove_prefix(8);
      continue;
    }
    const auto length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::size_t count_characters(std::string_view utf8) {
  std::size_t count = 0;
  for (const char byte : utf8) count += (static_cast<unsigned char>(byte) & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

Result<std::uint64_t> parse_size(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::uint64_t bytes;
  };
  constexpr Unit kUnits[] = {
      {"", 1}, {"B", 1}, {"KiB", 1ULL << 10}, {"MiB", 1ULL << 20}, {"GiB", 1ULL << 30}};
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view name{end, text.data() + text.size()};
  for (const auto& unit : kUnits) {
    if (error == std::errc{} && name == unit.name && count <= UINT64_MAX / unit.bytes)
      return count * unit.bytes;
  }
  return fail(ErrorCode::kInvalidArgument, "not a size in bytes, KiB, MiB or GiB, such as 16MiB");
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) {
    const auto code = errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable;
    return fail(code, "cannot read " + path + ": " + std::strerror(errno), path);
  }
  std::ostringstream content;
  content << file.rdbuf();
  if (file.bad()) return fail(ErrorCode::kUnavailable, "cannot read " + path, path);
  return std::move(content).str();
}

}  // namespace bongsu
