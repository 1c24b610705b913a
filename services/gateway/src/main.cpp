#include "gateway.hpp"

using namespace bongsu;

int main(int argc, char** argv) {
  return host::run("gateway", argc, argv, [](host::Host& host) -> asio::awaitable<Result<void>> {
    auto settings = host.settings<gateway::Settings>();
    auto secrets = host::Secrets::load(settings.security, settings.tokens);
    if (!secrets) co_return std::unexpected(secrets.error());
    auto gateway = gateway::Gateway::open(host, std::move(settings), std::move(*secrets));
    if (!gateway) co_return std::unexpected(gateway.error());
    co_return co_await (*gateway)->run();
  });
}
