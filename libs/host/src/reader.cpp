#include "reader.hpp"

#include <bongsu/core/bytes.hpp>

#include <algorithm>
#include <cstdlib>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace bongsu::config {
namespace {

/// Levenshtein: how many letters were mistyped.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

bool is_under(std::string_view path, std::string_view section) {
  return path.size() > section.size() && path.starts_with(section) && path[section.size()] == '.';
}

std::string last_of(std::string_view path) { return std::string{path.substr(path.rfind('.') + 1)}; }

/// The known path that was probably meant: a typing error away, or the same name elsewhere.
std::string meant(const std::set<std::string, std::less<>>& known, const std::string& path) {
  std::string best;
  std::size_t least = std::max<std::size_t>(2, path.size() / 6) + 1;
  for (const auto& candidate : known) {
    // Every section on the way is a name as well.
    for (auto dot = candidate.find('.');; dot = candidate.find('.', dot + 1)) {
      const auto name = candidate.substr(0, dot);
      if (const auto far = distance(path, name); far < least) {
        least = far;
        best = name;
      }
      if (dot == std::string::npos) break;
    }
  }
  if (!best.empty()) return best;
  const auto last = last_of(path);
  const auto same = std::ranges::find_if(known, [&](const auto& name) { return last_of(name) == last; });
  return same == known.end() ? std::string{} : *same;
}

class UnknownKeys {
 public:
  explicit UnknownKeys(Reader::Impl& reader) : reader_(reader) {}

  void look(const Node& node, const std::string& path) {
    for (const auto& value : node.children) {
      const auto inner = path.empty() ? value.key : path + "." + value.key;
      if (reader_.known.contains(inner)) continue;
      if (is_section(inner)) {
        look_into(value, inner);
        continue;
      }
      const auto instead = meant(reader_.known, inner);
      reader_.refuse(inner, instead.empty() ? "unknown key" : "unknown key; did you mean " + instead + "?",
                     value.where);
    }
  }

 private:
  bool is_section(const std::string& path) const {
    const auto next = reader_.known.lower_bound(path + ".");
    return next != reader_.known.end() && is_under(*next, path);
  }

  void look_into(const Node& value, const std::string& path) {
    if (value.kind == Node::Kind::kScalar || value.kind == Node::Kind::kList) {
      reader_.refuse(path, "must be a section with keys of its own", value.where);
      return;
    }
    look(value, path);
  }

  Reader::Impl& reader_;
};

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    auto part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    parts.emplace_back(part);
  }
  return parts;
}

}  // namespace

std::string json_text(std::string_view text) { return boost::json::serialize(boost::json::string{text}); }

std::optional<Given> Reader::Impl::given(const std::string& path) {
  known.insert(path);
  const auto variable = variable_of(path);
  if (auto text = environment(variable)) {
    return Given{.text = *text, .list = split_list(*text), .where = variable, .layer = layers};
  }
  const auto* node = tree.find(path);
  if (node == nullptr) return std::nullopt;
  if (node->kind == Node::Kind::kMap) {
    refuse(path, "must be a value, not a section", node->where);
    return std::nullopt;
  }
  Given found{.where = node->where, .layer = node->layer};
  if (node->kind == Node::Kind::kScalar) {
    found.text = node->scalar;
    found.list = {node->scalar};
    return found;
  }
  found.is_list = true;
  for (const auto& element : node->children) found.list.push_back(element.scalar);
  return found;
}

std::optional<Given> Reader::Impl::plain(const std::string& path) {
  auto found = given(path);
  if (!found) return found;
  if (found->is_list) {
    refuse(path, "must be a single value, not a list", found->where);
    return std::nullopt;
  }
  if (!is_utf8(found->text)) {
    refuse(path, "is not UTF-8", found->where);
    return std::nullopt;
  }
  return found;
}

std::optional<Given> Reader::Impl::list(const std::string& path) { return given(path); }

void Reader::Impl::refuse(const std::string& path, std::string what, std::string where) {
  problems.push_back({path, std::move(what), std::move(where)});
}

std::string Reader::Impl::where(const std::string& path) const {
  auto variable = variable_of(path);
  if (environment(variable)) return variable;
  const auto* node = tree.find(path);
  return node == nullptr ? std::string{} : node->where;
}

void Reader::Impl::show_text(const std::string& path, std::string_view text) {
  show_raw(path, json_text(text));
}
void Reader::Impl::show_raw(const std::string& path, std::string json) { effective[path] = std::move(json); }

Reader::Reader(const std::vector<Layer>& layers, Environment environment) : impl_(std::make_unique<Impl>()) {
  impl_->environment = std::move(environment);
  for (const auto& layer : layers) {
    overlay(impl_->tree, parse_layer(layer, impl_->layers++, impl_->problems));
  }
}

Reader::Reader(Reader&&) noexcept = default;
Reader::~Reader() = default;

Section Reader::root() { return Section{*impl_, ""}; }

void Reader::refuse_unknown_keys() { UnknownKeys{*impl_}.look(impl_->tree, ""); }

const std::vector<Problem>& Reader::problems() const { return impl_->problems; }

std::string Reader::json() const {
  boost::json::object root;
  for (const auto& [path, value] : impl_->effective) {
    auto* object = &root;
    std::string_view rest = path;
    for (auto dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
      auto& inner = (*object)[rest.substr(0, dot)];
      if (!inner.is_object()) inner.emplace_object();
      object = &inner.get_object();
      rest.remove_prefix(dot + 1);
    }
    (*object)[rest] = boost::json::parse(value);
  }
  return boost::json::serialize(root);
}

std::string to_string(const Problem& problem) {
  auto text = problem.path.empty() ? problem.what : problem.path + ": " + problem.what;
  if (!problem.where.empty()) text += " (" + problem.where + ")";
  return text;
}

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string{value};
  };
}

std::string variable_of(std::string_view path) {
  std::string name{path};
  for (auto& c : name) {
    if (c == '.' || c == '-') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

}  // namespace bongsu::config
