export const page = '';
