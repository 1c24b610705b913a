#include "service_call.hpp"

#include <iostream>

#include <unistd.h>

namespace bongsu::ctl {

Error ServiceCalls::told(const rpc::Failure& failure) const {
  Error error = failure;
  const auto who = options_.service + " at " + options_.address + ": ";
  if (failure.code == ErrorCode::kUnavailable) error.message = who + error.message;
  if (failure.code == ErrorCode::kTimeout)
    error.message = who + "no answer in time; --timeout lets it take longer";
  for (const auto& field : failure.fields) error.message += "\n  " + field.field + ": " + field.description;
  return error;
}

bool agreed(std::string_view question) {
  std::cerr << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

bool can_ask(const ServiceOptions& options) {
  return isatty(STDIN_FILENO) == 1 && options.format == Format::kTable;
}

}  // namespace bongsu::ctl
