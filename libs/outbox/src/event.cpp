#include <bongsu/outbox/event.hpp>

#include <optional>

namespace bongsu::outbox {
namespace {

void put_text(std::string& out, std::string_view text) {
  auto length = text.size();
  while (length >= 0x80) {
    out.push_back(static_cast<char>((length & 0x7F) | 0x80));
    length >>= 7;
  }
  out.push_back(static_cast<char>(length));
  out.append(text);
}

std::optional<std::string_view> take_text(std::string_view& bytes) {
  std::uint64_t length = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    if (bytes.empty()) return std::nullopt;
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    length |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) {
      if (length > bytes.size()) return std::nullopt;
      const auto text = bytes.substr(0, length);
      bytes.remove_prefix(length);
      return text;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string encode(const Headers& headers) {
  std::string out;
  for (const auto& header : headers) {
    put_text(out, header.name);
    put_text(out, header.value);
  }
  return out;
}

Result<Headers> decode_headers(std::string_view bytes) {
  Headers headers;
  while (!bytes.empty()) {
    const auto name = take_text(bytes);
    const auto value = name ? take_text(bytes) : std::nullopt;
    if (!value) return fail(ErrorCode::kInvalidArgument, "outbox: the headers of a row cannot be read");
    headers.push_back({std::string{*name}, std::string{*value}});
  }
  return headers;
}

}  // namespace bongsu::outbox
