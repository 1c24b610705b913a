#include "report.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>

namespace bongsu::scenarios {

std::string Report::json() const {
  auto line = counts_;
  line["ok"] = ok();
  if (!ok()) line["wrong"] = boost::json::value_from(wrong_);
  return boost::json::serialize(line);
}

}  // namespace bongsu::scenarios
