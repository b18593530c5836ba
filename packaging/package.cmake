# Packages: packaging/package.sh BUILD, which runs cpack. Two of them: rondom, everything that a machine needs which
# reads, unifies and sends; rondom-sdk-dev, what a connector is built with, the same on every architecture. More would
# only be more to install: the plugins share the program's version and weigh little beside it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME rondom)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_PACKAGE_CONTACT "The Rondom authors <rondom@example.org>")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
    WORLD_READ WORLD_EXECUTE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL rondom service sdk sdk_package)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_COMPONENT_RONDOM_GROUP program)
set(CPACK_COMPONENT_SERVICE_GROUP program)
set(CPACK_COMPONENT_SDK_GROUP connectors)
set(CPACK_COMPONENT_SDK_PACKAGE_GROUP connectors)

# Else cpack puts the project's sentence above both.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION "Customer data from every system, one profile per customer
Rondom reads people, organisations, orders and what they did from the
systems of an organisation, finds who is who, and hands one profile per
customer to the tools that talk to them, where consent allows it. What is
read and written is said in YAML; each value can be explained, each merge
undone.

This package holds the program, its connectors and a service that runs
jobs by schedule.")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME rondom)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS
    "systemd | systemd-standalone-sysusers, systemd | systemd-standalone-tmpfiles")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "ca-certificates, tzdata")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS "rondom-sdk-dev, postgresql")
set(CPACK_DEBIAN_PROGRAM_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_CONTROL_EXTRA
    ${CMAKE_SOURCE_DIR}/packaging/debian/conffiles ${CMAKE_SOURCE_DIR}/packaging/debian/postinst
    ${CMAKE_SOURCE_DIR}/packaging/debian/prerm ${CMAKE_SOURCE_DIR}/packaging/debian/postrm)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_CONNECTORS_DESCRIPTION "Headers and CMake package for connectors of Rondom
A connector reads records from a system or delivers people to it. With
this package (SDK ${RONDOM_SDK_VERSION}), a C++20 compiler and CMake it is written and
built; testing it needs the package rondom.")
set(CPACK_DEBIAN_CONNECTORS_PACKAGE_NAME rondom-sdk-dev)
set(CPACK_DEBIAN_CONNECTORS_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_CONNECTORS_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_CONNECTORS_PACKAGE_RECOMMENDS "cmake (>= 3.25), g++ (>= 4:12) | clang-14")
set(CPACK_DEBIAN_CONNECTORS_PACKAGE_SUGGESTS rondom)
set(CPACK_DEBIAN_CONNECTORS_FILE_NAME DEB-DEFAULT)
include(CPack)
