#include "node.hpp"

#include <algorithm>

#include <yaml-cpp/yaml.h>

namespace bongsu::config {
namespace {

constexpr int kMaxDepth = 16;

class Parser {
 public:
  Parser(const Layer& layer, int number, std::vector<Problem>& problems)
      : layer_(layer), number_(number), problems_(problems) {}

  Node read(const YAML::Node& yaml, const std::string& path, const YAML::Mark& mark, int depth) {
    Node node;
    node.layer = number_;
    node.where = where(mark);
    if (depth > kMaxDepth) {
      problems_.push_back({path, "nested too deeply", node.where});
      return node;
    }
    switch (yaml.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        break;
      case YAML::NodeType::Scalar:
        node.kind = Node::Kind::kScalar;
        node.scalar = yaml.Scalar();
        break;
      case YAML::NodeType::Sequence:
        read_list(node, yaml, path, depth);
        break;
      case YAML::NodeType::Map:
        read_map(node, yaml, path, depth);
        break;
    }
    return node;
  }

 private:
  std::string where(const YAML::Mark& mark) const {
    return mark.is_null() ? layer_.source : layer_.source + ":" + std::to_string(mark.line + 1);
  }

  void read_list(Node& node, const YAML::Node& yaml, const std::string& path, int depth) {
    node.kind = Node::Kind::kList;
    for (const auto& element : yaml) {
      node.children.push_back(read(element, path, element.Mark(), depth + 1));
      if (node.children.back().kind == Node::Kind::kScalar) continue;
      problems_.push_back({path, "a list may hold plain values only", node.children.back().where});
      node.children.pop_back();
    }
  }

  void read_map(Node& node, const YAML::Node& yaml, const std::string& path, int depth) {
    node.kind = Node::Kind::kMap;
    for (const auto& entry : yaml) {
      const auto mark = entry.first.Mark();
      if (!entry.first.IsScalar()) {
        problems_.push_back({path, "a key must be plain text", where(mark)});
        continue;
      }
      const auto& key = entry.first.Scalar();
      auto inner = path;
      if (!inner.empty()) inner += '.';
      inner += key;
      if (node.child(key) != nullptr) {
        problems_.push_back({inner, "given twice", where(mark)});
        continue;
      }
      node.children.push_back(read(entry.second, inner, mark, depth + 1));
      node.children.back().key = key;
    }
  }

  const Layer& layer_;
  int number_;
  std::vector<Problem>& problems_;
};

}  // namespace

Node* Node::child(std::string_view name) { return const_cast<Node*>(std::as_const(*this).child(name)); }

const Node* Node::child(std::string_view name) const {
  if (kind != Kind::kMap) return nullptr;
  const auto hit = std::ranges::find(children, name, &Node::key);
  return hit == children.end() ? nullptr : &*hit;
}

const Node* Node::find(std::string_view path) const {
  const auto* node = this;
  while (node != nullptr && !path.empty()) {
    const auto dot = path.find('.');
    node = node->child(path.substr(0, dot));
    path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
  }
  return node == nullptr || node->kind == Kind::kNull ? nullptr : node;
}

Node parse_layer(const Layer& layer, int number, std::vector<Problem>& problems) {
  try {
    const auto yaml = YAML::Load(layer.yaml);
    auto root = Parser{layer, number, problems}.read(yaml, "", YAML::Mark::null_mark(), 0);
    if (root.kind == Node::Kind::kMap || root.kind == Node::Kind::kNull) return root;
    problems.push_back({"", "not a map of settings", layer.source});
  } catch (const YAML::Exception& error) {
    problems.push_back(
        {"", "not YAML: " + error.msg, layer.source + ":" + std::to_string(error.mark.line + 1)});
  }
  return {};
}

void overlay(Node& below, Node above) {
  if (above.kind == Node::Kind::kNull) return;
  if (below.kind != Node::Kind::kMap || above.kind != Node::Kind::kMap) {
    above.key = std::move(below.key);
    below = std::move(above);
    return;
  }
  for (auto& value : above.children) {
    if (auto* existing = below.child(value.key)) {
      overlay(*existing, std::move(value));
    } else {
      below.children.push_back(std::move(value));
    }
  }
}

}  // namespace bongsu::config
