#include "management.hpp"

#include <bongsu/host/config.hpp>
#include <bongsu/http/router.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <unistd.h>

namespace bongsu::host {
namespace {

http::Response respond(int status, std::string content_type, std::string body) {
  return {.status = status,
          .content_type = std::move(content_type),
          .body = std::move(body),
          .headers = {{"Cache-Control", "no-store"}}};
}

/// A handler that has its answer at once.
http::Handler answer(std::function<http::Response()> make) {
  return [make = std::move(make)](http::Request&) -> asio::awaitable<http::Response> { co_return make(); };
}

http::Router routes(Management::Sources sources) {
  http::Router router;
  router.add(http::Method::kGet, "/livez", answer([] { return respond(200, "text/plain", "ok\n"); }));
  router.add(http::Method::kGet, "/readyz", answer([readiness = std::move(sources.readiness)] {
               const auto now = readiness();
               return respond(now.ready() ? 200 : 503, "application/json", now.json() + "\n");
             }));
  router.add(http::Method::kGet, "/metrics", answer([metrics = std::move(sources.metrics)] {
               return respond(200, "text/plain; version=0.0.4; charset=utf-8", metrics());
             }));
  router.add(http::Method::kGet, "/config", answer([json = std::move(sources.configuration)] {
               return respond(200, "application/json", json + "\n");
             }));
  return router;
}

}  // namespace

bool Readiness::ready() const {
  return !checks.empty() && std::ranges::all_of(checks, &std::string::empty, &Line::error);
}

std::string Readiness::json() const {
  boost::json::array lines;
  for (const auto& check : checks) {
    boost::json::object line{{"name", check.name}, {"ok", check.error.empty()}};
    if (!check.error.empty()) line["error"] = check.error;
    lines.push_back(std::move(line));
  }
  return boost::json::serialize(boost::json::object{{"ready", ready()}, {"checks", std::move(lines)}});
}

Result<Management> Management::listen(const asio::any_io_executor& executor, const std::string& address,
                                      Sources sources) {
  const auto parsed = config::parse_address(address);
  if (!parsed) return fail(ErrorCode::kInvalidArgument, "'" + address + "' is not an address");
  auto server =
      http::Server::listen(executor, {.host = parsed->host, .port = parsed->port, .max_connections = 64},
                           routes(std::move(sources)));
  if (!server) return std::unexpected(server.error());
  const auto port = std::to_string(server->port());
  const bool v6 = parsed->host.find(':') != std::string::npos;
  auto real = (v6 ? "[" + parsed->host + "]:" : parsed->host + ":") + port;
  return Management{std::move(*server), std::move(real)};
}

Result<void> write_address_file(const std::string& path, std::string_view address) {
  const auto draft = path + "." + std::to_string(::getpid()) + ".new";
  std::ofstream file{draft, std::ios::trunc};
  file << address << '\n';
  file.close();
  std::error_code trouble;
  if (file) std::filesystem::rename(draft, path, trouble);
  if (!file || trouble) {
    return fail(ErrorCode::kUnavailable, "cannot write the address file '" + path + "'");
  }
  return {};
}

}  // namespace bongsu::host
