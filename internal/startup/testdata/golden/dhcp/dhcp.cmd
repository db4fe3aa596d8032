@echo off
setlocal DisableDelayedExpansion
rem Sets up the DHCP service of Windows Server for the private network.
rem It was rendered: change the configuration instead.
netsh dhcp server add scope 10.110.0.0 255.255.255.0 "private network" >nul 2>&1
netsh dhcp server scope 10.110.0.0 add iprange 10.110.0.1 10.110.0.254 >nul 2>&1
rem Only what is reserved is given out.
netsh dhcp server scope 10.110.0.0 add excluderange 10.110.0.1 10.110.0.11 >nul 2>&1
netsh dhcp server scope 10.110.0.0 add excluderange 10.110.0.13 10.110.0.254 >nul 2>&1
rem No router: the default route belongs to the public adapter.
netsh dhcp server scope 10.110.0.0 delete optionvalue 3 >nul 2>&1
netsh dhcp server add optiondef 121 "Classless Static Routes" BINARY 1 >nul 2>&1
netsh dhcp server add optiondef 249 "Classless Static Routes" BINARY 1 >nul 2>&1
netsh dhcp server scope 10.110.0.0 set optionvalue 121 BINARY 080A0A6E000118AC10050A6E0002
if errorlevel 1 exit /b 1
netsh dhcp server scope 10.110.0.0 set optionvalue 249 BINARY 080A0A6E000118AC10050A6E0002
if errorlevel 1 exit /b 1
rem web-1 has no MAC, and this service reserves by MAC alone.
netsh dhcp server scope 10.110.0.0 delete reservedip 10.110.0.12 00163e00000c >nul 2>&1
netsh dhcp server scope 10.110.0.0 add reservedip 10.110.0.12 00163e00000c "web-2" "" DHCP
if errorlevel 1 exit /b 1
netsh dhcp server scope 10.110.0.0 set state 1
if errorlevel 1 exit /b 1
exit /b 0
