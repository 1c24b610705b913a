#include <bongsu/core/bytes.hpp>
#include <bongsu/core/trace.hpp>

#include <array>

namespace bongsu {
namespace {

template <std::size_t Size>
std::string random_hex(Random& random) {
  std::array<unsigned char, Size> bytes{};
  random.fill(bytes);
  return to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}
bool is_zero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

}  // namespace

TraceContext TraceContext::start(Random& random) {
  return TraceContext{"00-" + random_hex<16>(random) + "-" + random_hex<8>(random) + "-01"};
}

Result<TraceContext> TraceContext::parse(std::string_view traceparent) {
  const bool shaped = traceparent.size() == 55 && traceparent.starts_with("00-") && traceparent[35] == '-' &&
                      traceparent[52] == '-';
  if (!shaped || !is_hex(traceparent.substr(3, 32)) || !is_hex(traceparent.substr(36, 16)) ||
      !is_hex(traceparent.substr(53)) || is_zero(traceparent.substr(3, 32)) ||
      is_zero(traceparent.substr(36, 16))) {
    return fail(ErrorCode::kInvalidArgument, "not a traceparent of version 00");
  }
  return TraceContext{std::string{traceparent}};
}

TraceContext TraceContext::child(Random& random) const {
  return TraceContext{text_.substr(0, 36) + random_hex<8>(random) + text_.substr(52)};
}

}  // namespace bongsu
