# Everything Bongsu links against, found once. All of it is in Debian 12.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Boost 1.81 REQUIRED CONFIG COMPONENTS json url)
find_package(OpenSSL 3 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
find_package(Protobuf REQUIRED)
find_package(ZLIB REQUIRED)
find_package(gRPC REQUIRED CONFIG)
# RE2's pkg-config file, which gRPC asks, says -pthread: the precompiled header is made without, and glibc ≥ 2.34
# needs no flag for threads.
get_target_property(_re2_options re2::re2 INTERFACE_COMPILE_OPTIONS)
if(_re2_options)
  list(REMOVE_ITEM _re2_options -pthread)
  set_target_properties(re2::re2 PROPERTIES INTERFACE_COMPILE_OPTIONS "${_re2_options}")
endif()
find_package(CLI11 REQUIRED)
pkg_check_modules(rdkafka REQUIRED IMPORTED_TARGET rdkafka>=2.0.2)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(libcurl REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(libzstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(libjwt REQUIRED IMPORTED_TARGET libjwt)
pkg_check_modules(yaml-cpp REQUIRED IMPORTED_TARGET yaml-cpp)
if(BONGSU_TESTS)
  find_package(GTest REQUIRED)
  find_library(BONGSU_RAPIDCHECK rapidcheck REQUIRED)
endif()

# libphonenumber's development package pulls Boost 1.74 in, which excludes 1.81. Its headers are
# unpacked beside it by deploy/local/up and tests/run; the runtime library is Debian's as it is.
set(BONGSU_LIBPHONENUMBER_INCLUDE ${CMAKE_SOURCE_DIR}/.local/deps/libphonenumber/usr/include
    CACHE PATH "folder that holds phonenumbers/phonenumberutil.h")
find_file(BONGSU_LIBPHONENUMBER_LIBRARY libphonenumber.so.8
          PATHS /usr/lib/x86_64-linux-gnu /usr/lib/aarch64-linux-gnu REQUIRED)
add_library(bongsu_phonenumber INTERFACE)
target_include_directories(bongsu_phonenumber SYSTEM INTERFACE ${BONGSU_LIBPHONENUMBER_INCLUDE})
target_link_libraries(bongsu_phonenumber INTERFACE ${BONGSU_LIBPHONENUMBER_LIBRARY})

# Asio, used the same way everywhere: the same macros, or the precompiled header does not fit. Coroutines'
# frames come from operator new: aligned_alloc() is ten times slower, and 16 bytes are all they need.
add_library(bongsu_asio INTERFACE)
target_compile_definitions(bongsu_asio INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_REGEX
                           BOOST_ASIO_DISABLE_STD_ALIGNED_ALLOC BOOST_ASIO_DISABLE_BOOST_ALIGN
                           BOOST_ALLOW_DEPRECATED_HEADERS)
target_link_libraries(bongsu_asio INTERFACE Boost::headers Threads::Threads)
