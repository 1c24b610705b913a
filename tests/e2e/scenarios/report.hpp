#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

namespace bongsu::scenarios {

/// What came of a scenario: counts, and what should have held and did not.
class Report {
 public:
  explicit Report(std::string_view id) { counts_["soak"] = id; }

  void tell(std::string_view name, boost::json::value value) { counts_[name] = std::move(value); }
  void tell(std::string_view name, const std::string& text) { counts_[name] = text; }
  /// `what` is told when it does not hold.
  void expect(bool holds, std::string what) {
    if (!holds) wrong_.push_back(std::move(what));
  }
  bool ok() const { return wrong_.empty(); }
  /// One line: the counts, "ok", and what is wrong.
  std::string json() const;

 private:
  boost::json::object counts_;
  std::vector<std::string> wrong_;
};

}  // namespace bongsu::scenarios
