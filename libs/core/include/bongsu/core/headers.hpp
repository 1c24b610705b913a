#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bongsu {

/// One header of a Kafka record. Ours are UTF-8 text; upstream's may be any bytes.
struct Header {
  std::string name;
  std::string value;
  friend bool operator==(const Header&, const Header&) = default;
};

/// In the order of the record. Names may repeat on what others wrote; ours are written over.
using Headers = std::vector<Header>;

/// The last value of that name, as Kafka's own clients look it up.
inline std::optional<std::string_view> find(const Headers& headers, std::string_view name) {
  const auto hit =
      std::find_if(headers.rbegin(), headers.rend(), [&](const Header& h) { return h.name == name; });
  if (hit == headers.rend()) return std::nullopt;
  return std::string_view{hit->value};
}

/// Writes over every header of that name, or adds one.
inline void set(Headers& headers, std::string_view name, std::string value) {
  const auto first =
      std::find_if(headers.begin(), headers.end(), [&](const Header& h) { return h.name == name; });
  if (first == headers.end()) {
    headers.push_back({std::string{name}, std::move(value)});
    return;
  }
  first->value = std::move(value);
  headers.erase(std::remove_if(first + 1, headers.end(), [&](const Header& h) { return h.name == name; }),
                headers.end());
}

}  // namespace bongsu
