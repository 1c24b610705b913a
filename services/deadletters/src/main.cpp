#include "deadletters_service.hpp"

#include <algorithm>
#include <string_view>

using namespace bongsu;

int main(int argc, char** argv) {
  // `deadletters --rebuild`: empties the index, reads it from the topics again, then serves.
  auto* const end = std::remove(argv + 1, argv + argc, std::string_view{"--rebuild"});
  const bool rebuild = end != argv + argc;
  *end = nullptr;
  return host::run("deadletters", static_cast<int>(end - argv), argv,
                   [rebuild](host::Host& host) -> asio::awaitable<Result<void>> {
                     auto settings = host.settings<deadletters::Settings>();
                     auto secrets = host::Secrets::load(settings.security, settings.tokens);
                     if (!secrets) co_return std::unexpected(secrets.error());
                     auto service = deadletters::DeadLettersService::open(host, std::move(settings),
                                                                          std::move(*secrets), rebuild);
                     if (!service) co_return std::unexpected(service.error());
                     co_return co_await (*service)->run();
                   });
}
