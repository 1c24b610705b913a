#include "jobs_service.hpp"

using namespace bongsu;

int main(int argc, char** argv) {
  return host::run("jobs", argc, argv, [](host::Host& host) -> asio::awaitable<Result<void>> {
    auto settings = host.settings<jobs::Settings>();
    auto secrets = host::Secrets::load(settings.security, settings.tokens);
    if (!secrets) co_return std::unexpected(secrets.error());
    auto service = jobs::JobsService::open(host, std::move(settings), std::move(*secrets));
    if (!service) co_return std::unexpected(service.error());
    co_return co_await (*service)->run();
  });
}
