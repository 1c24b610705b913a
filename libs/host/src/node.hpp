#pragma once
#include <bongsu/host/config.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace bongsu::config {

/// A value of a YAML file, with the place that it came from.
struct Node {
  enum class Kind : std::uint8_t { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  std::string key;  ///< of a map's value
  std::string scalar;
  std::vector<Node> children;  ///< of a list or a map, in the file's order; keys are unique
  std::string where;           ///< "config.yaml:12"
  int layer = -1;

  Node* child(std::string_view name);
  const Node* child(std::string_view name) const;
  /// The node at a dotted path; null when it is not there or is null.
  const Node* find(std::string_view path) const;
};

/// Reads one layer. What is no configuration (bad YAML, a key twice, a list of maps) is added to
/// `problems`; the rest is read all the same.
Node parse_layer(const Layer& layer, int number, std::vector<Problem>& problems);

/// Lays `above` over `below`: maps are merged, everything else is replaced; null replaces nothing.
void overlay(Node& below, Node above);

}  // namespace bongsu::config
