#include "control.hpp"
#include "provider.hpp"
#include "settings.hpp"

#include <bongsu/host/host.hpp>
#include <bongsu/http/server.hpp>

namespace bongsu::simulator {
namespace {

/// Listens, and says where.
Result<http::Server> open(host::Host& host, const std::string& name, const http::ServerSettings& settings,
                          http::Router routes) {
  auto server = http::Server::listen(host.executor(), settings, std::move(routes));
  if (!server) return server;
  const auto announced = host.announce(name, settings.host + ":" + std::to_string(server->port()));
  if (!announced) return std::unexpected(announced.error());
  return server;
}

asio::awaitable<Result<void>> run(host::Host& host) {
  const auto settings = host.settings<Settings>();
  SeededRandom chance{settings.seed};
  Faults faults{chance};
  MessageLog log{settings.kept_messages, settings.kept_bytes};
  Provider kakao{kKakao, faults, log, host.clock()};
  Provider sms{kSms, faults, log, host.clock()};
  Control control{{&kakao, &sms}, faults, log};

  auto kakao_server = open(host, "kakao", settings.kakao, kakao.routes());
  if (!kakao_server) co_return std::unexpected(kakao_server.error());
  auto sms_server = open(host, "sms", settings.sms, sms.routes());
  if (!sms_server) co_return std::unexpected(sms_server.error());
  auto control_server = open(host, "control", settings.control, control.routes());
  if (!control_server) co_return std::unexpected(control_server.error());
  host.add_check("servers", [] { return Result<void>{}; });
  co_await host.stopping();
  co_return Result<void>{};
}

}  // namespace
}  // namespace bongsu::simulator

int main(int argc, char** argv) { return bongsu::host::run("simulator", argc, argv, bongsu::simulator::run); }
