export { createSandbox, type Program, type ProgramResult, type Sandbox, type SandboxOptions } from './sandbox.ts';
