#include "settings.hpp"

#include <bongsu/host/settings.hpp>

namespace bongsu::simulator {

void bind(config::Section& root, Settings& settings) {
  root.settings("kakao", settings.kakao);
  root.settings("sms", settings.sms);
  root.settings("control", settings.control);
  auto messages = root.section("messages");
  messages.number("kept", settings.kept_messages, 1, 100'000'000);
  messages.size("kept-bytes", settings.kept_bytes, 1U << 20);
  root.number("seed", settings.seed, 0, std::numeric_limits<std::int64_t>::max());
}

}  // namespace bongsu::simulator
