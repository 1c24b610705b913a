#include <bongsu/host/host.hpp>

#include <filesystem>

namespace bongsu::sample {
namespace {

struct Settings {
  std::string greeting;
  std::string token;
  std::chrono::milliseconds linger{};
  std::string ready_file;
  std::string busy_file;
  bool fail = false;
};

void bind(config::Section& section, Settings& settings) {
  section.text("greeting", settings.greeting, config::Presence::kRequired);
  section.secret("token", settings.token);
  section.duration("linger", settings.linger);
  section.text("ready-file", settings.ready_file);
  section.text("busy-file", settings.busy_file);
  section.flag("fail", settings.fail);
}

asio::awaitable<Result<void>> serve(host::Host& host) {
  const auto settings = host.settings<Settings>();
  if (settings.fail) co_return bongsu::fail(ErrorCode::kUnavailable, "nothing to greet", "GREET");
  host.add_check("greeter", [&]() -> Result<void> {
    if (settings.ready_file.empty() || std::filesystem::exists(settings.ready_file)) return {};
    return bongsu::fail(ErrorCode::kUnavailable, "the file is not there");
  });
  if (auto told = host.announce("door", "127.0.0.1:7"); !told) co_return told;
  co_await host.stopping();
  co_await sleep_for(settings.linger);
  while (!settings.busy_file.empty() && std::filesystem::exists(settings.busy_file))
    co_await sleep_for(std::chrono::milliseconds{5});
  co_return Result<void>{};
}

}  // namespace
}  // namespace bongsu::sample

int main(int argc, char** argv) { return bongsu::host::run("sample", argc, argv, bongsu::sample::serve); }
