#include <bongsu/core/bytes.hpp>
#include <bongsu/security/sealed_box.hpp>

#include <algorithm>

namespace bongsu::security {
namespace {

constexpr std::size_t kLongestId = 64;

bool is_id(std::string_view id) {
  return !id.empty() && id.size() <= kLongestId && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

Result<KeyRing::Entry> parse_line(std::string_view line) {
  const auto colon = line.find(':');
  const auto id = line.substr(0, colon);
  if (colon == std::string_view::npos || !is_id(id)) {
    return fail(ErrorCode::kInvalidArgument, "each line is id:key, the id 1 to 64 of A-Z a-z 0-9 - _ .");
  }
  auto key = parse_key(line.substr(colon + 1));
  if (!key) return std::unexpected(key.error());
  return KeyRing::Entry{std::string{id}, *key};
}

std::string_view trimmed(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
    line.remove_suffix(1);
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  return line;
}

}  // namespace

Result<KeyRing> KeyRing::load(const std::string& path) {
  auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  auto ring = parse(*text);
  wipe(*text);
  if (!ring) return fail(ErrorCode::kInvalidArgument, path + ": " + ring.error().message, path);
  return ring;
}

Result<KeyRing> KeyRing::parse(std::string_view text) {
  KeyRing ring;
  for (int number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    auto entry = parse_line(line);
    const auto where = "line " + std::to_string(number) + ": ";
    if (!entry) return fail(ErrorCode::kInvalidArgument, where + entry.error().message);
    if (std::ranges::find(ring.entries_, entry->id, &Entry::id) != ring.entries_.end()) {
      return fail(ErrorCode::kInvalidArgument, where + "the id is there already");
    }
    ring.entries_.push_back(std::move(*entry));
  }
  if (ring.entries_.empty()) return fail(ErrorCode::kInvalidArgument, "there is no key");
  return ring;
}

}  // namespace bongsu::security
