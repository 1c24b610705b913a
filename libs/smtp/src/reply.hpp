#pragma once
#include <bongsu/core/error.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace bongsu::smtp {

/// A server's answer (RFC 5321, 4.2): the code, and the text of its last line.
struct Reply {
  int code = 0;
  std::string text;

  bool positive() const { return code >= 200 && code < 300; }
};

/// Cuts what comes in into replies, sans I/O.
class ReplyReader {
 public:
  void feed(std::string_view bytes) { buffer_ += bytes; }

  /// The next whole reply; nothing when more bytes are needed.
  /// Errors: kUnavailable when it is not SMTP, or longer than any server's reply (64 KiB).
  Result<std::optional<Reply>> next();

 private:
  std::string buffer_;
};

/// What a reply that is not the wanted one means to the caller; `step` says what was asked.
Error failure_of(const Reply& reply, std::string_view step);

/// "2.0.0 Ok: queued as 4F1C2A0B3D" → "4F1C2A0B3D"; empty where there is no such token.
std::string queue_id_of(std::string_view text);

}  // namespace bongsu::smtp
