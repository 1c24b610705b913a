#include "kakao_channel.hpp"
#include "settings.hpp"

#include <bongsu/host/channel.hpp>
#include <bongsu/host/host.hpp>

namespace bongsu::kakao {
namespace {

asio::awaitable<Result<void>> run(host::Host& host) {
  const auto settings = host.settings<Settings>();
  auto api = http::Api::open(host.executor(), settings.api);
  if (!api) co_return std::unexpected(api.error());
  KakaoChannel channel{*api};
  co_return co_await host::serve(host, {.kind = events::Channel::kKakao}, channel, settings.channel);
}

}  // namespace
}  // namespace bongsu::kakao

int main(int argc, char** argv) { return bongsu::host::run("kakao", argc, argv, bongsu::kakao::run); }
