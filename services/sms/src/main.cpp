#include "settings.hpp"
#include "sms_channel.hpp"

#include <bongsu/host/channel.hpp>
#include <bongsu/host/host.hpp>

namespace bongsu::sms {
namespace {

asio::awaitable<Result<void>> run(host::Host& host) {
  const auto settings = host.settings<Settings>();
  auto api = http::Api::open(host.executor(), settings.api);
  if (!api) co_return std::unexpected(api.error());
  SmsChannel channel{*api};
  co_return co_await host::serve(host, {.kind = events::Channel::kSms}, channel, settings.channel);
}

}  // namespace
}  // namespace bongsu::sms

int main(int argc, char** argv) { return bongsu::host::run("sms", argc, argv, bongsu::sms::run); }
