#include "support/process/held_port.hpp"

#include <cerrno>
#include <system_error>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bongsu::support {

HeldPort::HeldPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const int yes = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* name = reinterpret_cast<sockaddr*>(&address);
  if (socket_ < 0 || setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
      bind(socket_, name, length) != 0 || getsockname(socket_, name, &length) != 0) {
    throw std::system_error{errno, std::generic_category(), "no free port"};
  }
  number_ = ntohs(address.sin_port);
}

HeldPort::~HeldPort() { close(socket_); }

}  // namespace bongsu::support
