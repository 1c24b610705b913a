#include "reply.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

namespace bongsu::smtp {
namespace {

constexpr std::size_t kLongestReply = 65'536;
constexpr std::size_t kLongestQueueId = 64;
constexpr std::string_view kBeforeQueueId = "queued as ";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The code of a line, 0 when it has none.
int code_of(std::string_view line) {
  if (line.size() < 3 || !std::ranges::all_of(line.substr(0, 3), is_digit)) return 0;
  if (line.size() > 3 && line[3] != ' ' && line[3] != '-') return 0;
  return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

ErrorCode meaning_of(int code) {
  switch (code) {
    case 530:
    case 534:
    case 535:
    case 538:
      return ErrorCode::kUnauthorized;
    case 550:
    case 551:
    case 553:
      return ErrorCode::kNotFound;
    default:
      return code >= 500 ? ErrorCode::kRejected : ErrorCode::kUnavailable;
  }
}

}  // namespace

Result<std::optional<Reply>> ReplyReader::next() {
  std::size_t begin = 0;
  while (true) {
    const auto end = buffer_.find('\n', begin);
    if (end == std::string::npos) {
      if (buffer_.size() > kLongestReply) return fail(ErrorCode::kUnavailable, "smtp: a reply without end");
      return std::nullopt;
    }
    auto line = std::string_view{buffer_}.substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const int code = code_of(line);
    if (code < 200) return fail(ErrorCode::kUnavailable, "smtp: what came back is no SMTP reply");
    begin = end + 1;
    if (line.size() > 3 && line[3] == '-') continue;
    Reply reply{.code = code, .text = std::string{line.substr(std::min<std::size_t>(4, line.size()))}};
    buffer_.erase(0, begin);
    return reply;
  }
}

Error failure_of(const Reply& reply, std::string_view step) {
  return Error{.code = meaning_of(reply.code),
               .message = fmt::format("smtp: {} was answered with {}", step, reply.code),
               .detail = std::to_string(reply.code),
               .sent = Sent::kNo,
               .retry_after = {}};
}

std::string queue_id_of(std::string_view text) {
  const auto at = text.find(kBeforeQueueId);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + kBeforeQueueId.size());
  const auto end = std::ranges::find_if_not(
      text, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_'; });
  const auto id = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  return id.size() <= kLongestQueueId ? std::string{id} : std::string{};
}

}  // namespace bongsu::smtp
