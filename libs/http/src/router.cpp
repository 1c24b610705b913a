#include "percent.hpp"

#include <bongsu/core/assert.hpp>
#include <bongsu/http/router.hpp>

#include <algorithm>

namespace bongsu::http {
namespace {

bool is_name(std::string_view segment) { return segment.starts_with('{'); }

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    const auto end = std::min(path.find('/', 1), path.size());
    segments.emplace_back(path.substr(1, end - 1));
    path.remove_prefix(end);
  }
  return segments;
}

/// Text before names, at the first segment where two patterns differ in that.
bool goes_first(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::ranges::lexicographical_compare(a, b, {}, is_name, is_name);
}

/// The parts of `path` that the names stand for, or nothing when it does not match.
std::optional<std::vector<std::string>> match(const std::vector<std::string>& segments,
                                              std::string_view path) {
  std::vector<std::string> values;
  for (const auto& segment : segments) {
    if (!path.starts_with('/')) return std::nullopt;
    const auto end = std::min(path.find('/', 1), path.size());
    auto decoded = percent_decode(path.substr(1, end - 1), false);
    path.remove_prefix(end);
    if (!decoded || (is_name(segment) ? decoded->empty() : *decoded != segment)) return std::nullopt;
    if (is_name(segment)) values.push_back(std::move(*decoded));
  }
  if (!path.empty()) return std::nullopt;
  return values;
}

}  // namespace

void Router::add(Method method, std::string_view pattern, Handler handler, RouteOptions options) {
  require(pattern.starts_with('/') && handler, "a route has a path and a handler");
  auto& path = paths_[std::string{pattern}];
  if (!path) {
    path = std::make_unique<Path>(Path{std::string{pattern}, split(pattern), {}});
    for (const auto& segment : path->segments) {
      require(is_name(segment) == segment.ends_with('}'), "a name in a route stands in braces");
    }
    const auto place = std::ranges::upper_bound(by_segments_, path->segments, goes_first, &Path::segments);
    by_segments_.insert(place, path.get());
  }
  require(std::ranges::find(path->routes, method, [](const auto& route) { return route->method; }) ==
              path->routes.end(),
          "a route is there once");
  path->routes.push_back(
      std::make_unique<Route>(Route{method, std::string{pattern}, std::move(handler), std::move(options)}));
}

Router::Match Router::find(Request& request) const {
  const auto* const path = find_path(request);
  return path == nullptr ? Match{} : pick(*path, request.method());
}

const Router::Path* Router::find_path(Request& request) const {
  const auto hit = paths_.find(request.path());
  // A pattern with names is found by its own text too, but its names stand for something else.
  const bool fixed = hit != paths_.end() && request.path().find('{') == std::string_view::npos;
  return fixed ? hit->second.get() : find_by_segments(request);
}

const Router::Path* Router::find_by_segments(Request& request) const {
  for (const auto* path : by_segments_) {
    auto values = match(path->segments, request.path());
    if (!values) continue;
    auto value = values->begin();
    for (const auto& segment : path->segments) {
      if (!is_name(segment)) continue;
      request.add_path_parameter(std::string_view{segment}.substr(1, segment.size() - 2),
                                 std::move(*value++));
    }
    return path;
  }
  return nullptr;
}

Router::Match Router::pick(const Path& path, Method method) {
  const auto with = [&](Method wanted) -> const Route* {
    const auto hit = std::ranges::find(path.routes, wanted, [](const auto& route) { return route->method; });
    return hit == path.routes.end() ? nullptr : hit->get();
  };
  const auto* route = with(method);
  if (route == nullptr && method == Method::kHead) route = with(Method::kGet);
  Match match{.route = route, .path_known = true, .allowed = {}};
  if (route != nullptr) return match;
  for (const auto& known : path.routes) {
    if (!match.allowed.empty()) match.allowed += ", ";
    match.allowed += name_of(known->method);
    if (known->method == Method::kGet && with(Method::kHead) == nullptr) match.allowed += ", HEAD";
  }
  return match;
}

}  // namespace bongsu::http
