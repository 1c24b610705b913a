#include "client_events.hpp"

#include <bongsu/core/log.hpp>

#include <array>

namespace bongsu::kafka {
namespace {

constexpr auto kQuiet = std::chrono::seconds{10};

/// librdkafka's levels are syslog's.
log::Level level_of(int syslog) {
  if (syslog <= 3) return log::Level::kWarning;  // it heals by itself; what does not is an error event
  if (syslog <= 4) return log::Level::kWarning;
  if (syslog <= 6) return log::Level::kInfo;
  return log::Level::kDebug;
}

}  // namespace

ClientEvents::ClientEvents(std::string client) : client_(std::move(client)), down_(brokers_down(client_)) {}

bool ClientEvents::handle(rd_kafka_t* rk, rd_kafka_event_t* event) {
  switch (rd_kafka_event_type(event)) {
    case RD_KAFKA_EVENT_LOG:
      on_log(event);
      return true;
    case RD_KAFKA_EVENT_ERROR:
      on_error(rk, event);
      return true;
    default:
      return false;
  }
}

void ClientEvents::reached() {
  if (!is_down_) return;
  is_down_ = false;
  down_.Set(0);
  log::info("kafka.reached", {{"client", client_}});
}

void ClientEvents::on_log(rd_kafka_event_t* event) {
  const char* facility = "";
  const char* text = "";
  int syslog = 7;
  if (rd_kafka_event_log(event, &facility, &text, &syslog) != 0) return;
  const auto level = level_of(syslog);
  const int kept_back = level == log::Level::kDebug ? 0 : due(std::string{"log/"} + facility);
  if (kept_back < 0) return;
  log::write(level, "kafka.log",
             {{"client", client_}, {"facility", facility}, {"text", text}, {"kept_back", kept_back}});
}

void ClientEvents::on_error(rd_kafka_t* rk, rd_kafka_event_t* event) {
  auto code = rd_kafka_event_error(event);
  const bool fatal = code == RD_KAFKA_RESP_ERR__FATAL;
  std::array<char, 256> why{};
  if (fatal) code = rd_kafka_fatal_error(rk, why.data(), why.size());
  const std::string name = rd_kafka_err2name(code);
  client_errors(client_, name).Increment();
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    is_down_ = true;
    down_.Set(1);
  }
  const int kept_back = due("error/" + name);
  if (kept_back < 0) return;
  const bool serious =
      fatal || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || code == RD_KAFKA_RESP_ERR__AUTHENTICATION;
  log::write(serious ? log::Level::kError : log::Level::kWarning, fatal ? "kafka.fatal" : "kafka.error",
             {{"client", client_},
              {"error", name},
              {"why", fatal ? why.data() : rd_kafka_event_error_string(event)},
              {"kept_back", kept_back}});
}

int ClientEvents::due(const std::string& kind) {
  const auto now = std::chrono::steady_clock::now();
  auto& entry = kinds_[kind];
  if (entry.written != std::chrono::steady_clock::time_point{} && now - entry.written < kQuiet) {
    ++entry.kept_back;
    return -1;
  }
  entry.written = now;
  return std::exchange(entry.kept_back, 0);
}

}  // namespace bongsu::kafka
