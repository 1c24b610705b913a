#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/http/request.hpp>
#include <bongsu/http/response.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bongsu::http {

/// The request stays good until the answer. An exception that escapes is logged and answered by 500.
using Handler = std::function<asio::awaitable<Response>(Request&)>;

struct RouteOptions {
  std::size_t max_body = 1U << 20;
  /// A request with a body of another type is refused with 415; empty: any type.
  std::string media_type = "application/json";
};

struct Route {
  Method method;
  std::string pattern;
  Handler handler;
  RouteOptions options;
};

/// Which handler a request is for.
///
/// A pattern is a path whose segments are text or {name}, as in /api/messages/{id}; a name takes one
/// segment that is not empty. Text goes before names. HEAD is answered by GET's handler.
class Router {
 public:
  /// Aborts on a pattern that is broken or there already.
  void add(Method method, std::string_view pattern, Handler handler, RouteOptions options = {});

  struct Match {
    const Route* route = nullptr;
    /// Without a route: whether the path is known, and the methods it has ("GET, HEAD, POST").
    bool path_known = false;
    std::string allowed;
  };
  /// Fills the request's path parameters. Static paths are found without allocating.
  Match find(Request& request) const;

 private:
  struct Path {
    std::string pattern;
    std::vector<std::string> segments;  // a name is kept with its braces
    std::vector<std::unique_ptr<Route>> routes;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  const Path* find_path(Request& request) const;
  const Path* find_by_segments(Request& request) const;
  static Match pick(const Path& path, Method method);

  std::unordered_map<std::string, std::unique_ptr<Path>, Hash, std::equal_to<>> paths_;
  std::vector<const Path*> by_segments_;  // most text first
};

}  // namespace bongsu::http
