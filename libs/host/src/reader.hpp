#pragma once
#include "node.hpp"

#include <bongsu/host/config.hpp>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace bongsu::config {

/// What has been given for a path.
struct Given {
  std::string text;               ///< of a plain value
  std::vector<std::string> list;  ///< of a list; a plain value is a list of one
  bool is_list = false;
  std::string where;
  int layer = 0;
};

struct Reader::Impl {
  Node tree;
  Environment environment;
  int layers = 0;
  std::vector<Problem> problems;
  std::set<std::string, std::less<>> known;                   ///< every path that was asked for
  std::map<std::string, std::string, std::less<>> effective;  ///< path → its value as JSON

  /// A plain value; a list or a section in its place is a mistake.
  std::optional<Given> plain(const std::string& path);
  std::optional<Given> list(const std::string& path);
  void refuse(const std::string& path, std::string what, std::string where);
  /// Where the effective value of `path` comes from; empty: nowhere.
  std::string where(const std::string& path) const;

  void show_text(const std::string& path, std::string_view text);
  void show_raw(const std::string& path, std::string json);

 private:
  std::optional<Given> given(const std::string& path);
};

std::string json_text(std::string_view text);

}  // namespace bongsu::config
