#pragma once
#include <bongsu/http/server.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

namespace bongsu::http::testing {

inline asio::awaitable<Response> echo(Request& request) {
  co_return text(200, std::string{name_of(request.method())} + " " + request.body());
}

/// Routes that echo, fail or say much.
inline Router routes() {
  Router router;
  router.add(Method::kPost, "/echo", echo, {.max_body = 1U << 20, .media_type = "application/json"});
  router.add(Method::kPost, "/any", echo, {.max_body = 100, .media_type = ""});
  router.add(Method::kGet, "/echo", echo);
  router.add(Method::kGet, "/throw", [](Request&) -> asio::awaitable<Response> {
    throw std::runtime_error{"a bug"};
    co_return Response{};
  });
  router.add(Method::kGet, "/large",
             [](Request&) -> asio::awaitable<Response> { co_return text(200, std::string(8U << 20, 'x')); });
  router.add(Method::kGet, "/split", [](Request&) -> asio::awaitable<Response> {
    auto response = text(200, "");
    response.headers = {{"X-Echo", "a\r\nX-Evil: b"}};
    co_return response;
  });
  return router;
}

inline std::string post(std::string_view path, std::string_view body, std::string_view more = "") {
  return "POST " + std::string{path} +
         " HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + std::string{more} + "\r\n" + std::string{body};
}
inline std::string get(std::string_view path, std::string_view more = "") {
  return "GET " + std::string{path} + " HTTP/1.1\r\nHost: here\r\n" + std::string{more} + "\r\n";
}

}  // namespace bongsu::http::testing
